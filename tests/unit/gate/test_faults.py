# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods that crash or vanish."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Unreachable
from ansible_collections.slipway.rollout.plugins.module_utils.gate.faults import Faults
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import SourceError
from ansible_collections.slipway.rollout.plugins.module_utils.gate.subject import Pod, read_pod

from tests.unit.gate.builders import FakeClock, pod_object

CANARY = read_pod(pod_object("canary-1"), "canary")
STABLE = read_pod(pod_object("main-1"), "stable")


@dataclass
class Pods:
    """Stands for a Subject."""

    found: list[Pod]
    broken: bool = False

    def pods(self) -> list[Pod]:
        if self.broken:
            raise Unreachable("no API server")
        return self.found


def found(before: list[Pod], after: list[Pod], later: float = 0.0) -> str:
    pods, clock = Pods(before), FakeClock()
    faults = Faults(pods, {"canary"}, clock)  # type: ignore[arg-type]
    faults.begin()
    pods.found = after
    faults.found()
    clock.sleep(later)
    return faults.found()


def test_healthy_pods_have_no_fault() -> None:
    assert found([CANARY, STABLE], [CANARY, STABLE]) == ""
    assert found([], []) == ""


def test_a_restart_is_told_with_its_reason() -> None:
    crashed = replace(CANARY, restarts=1, trouble="container app: Error, exit code 3")
    assert found([CANARY], [crashed]) == (
        "pod canary-1 of canary has restarted once (container app: Error, exit code 3)"
    )
    other = replace(CANARY, name="canary-2", uid="2", restarts=2)
    said = "pod canary-2 and 1 more of canary has restarted 2 times"
    assert found([CANARY], [replace(other, trouble=""), crashed]) == said


def test_restarts_of_before_and_of_pods_on_their_way_out_do_not_count() -> None:
    old = replace(CANARY, restarts=5)
    assert found([old], [old]) == ""
    assert found([CANARY], [CANARY, replace(CANARY, uid="2", restarts=1, terminating=True)]) == ""


def test_an_arm_without_pods_is_told_with_what_is_left() -> None:
    assert found([CANARY], []) == "no pod of canary is running any more"
    failed = replace(CANARY, phase="Failed", trouble="")
    assert found([CANARY], [failed]) == "no pod of canary is running any more; pod canary-1: Failed"
    leaving = replace(CANARY, terminating=True, trouble="container app: OOMKilled, exit code 137")
    assert "pod canary-1: container app: OOMKilled" in found([CANARY], [leaving])


def test_other_arms_are_not_looked_at() -> None:
    assert found([CANARY, STABLE], [CANARY]) == ""


def test_pods_that_cannot_be_listed_are_no_beginning() -> None:
    with pytest.raises(SourceError, match="The pods of subject could not be listed. no API server"):
        Faults(Pods([], broken=True), {"canary"}, FakeClock()).begin()  # type: ignore[arg-type]


def test_a_pod_killed_for_its_memory_is_told_as_such() -> None:
    ended = {"reason": "OOMKilled", "exitCode": 137}
    container = {"name": "app", "restartCount": 1, "state": {"running": {}}, "lastState": {"terminated": ended}}
    killed = read_pod(pod_object("canary-1", containerStatuses=[container]), "canary")
    assert found([CANARY], [killed]) == (
        "pod canary-1 of canary has restarted once (container app: OOMKilled, exit code 137)"
    )


def test_an_evicted_pod_is_told_with_the_reason() -> None:
    gone = pod_object("canary-2", phase="Failed", reason="Evicted", message="Out of memory.", containerStatuses=[])
    assert found([CANARY], [CANARY, read_pod(gone, "canary")]) == (
        "pod canary-2 of canary has failed (Evicted: Out of memory.)"
    )


def test_a_pod_that_crashes_again_and_again_or_finds_no_image() -> None:
    stuck = replace(CANARY, uid="2", trouble="container app: CrashLoopBackOff, Error, exit code 3", ready=False)
    assert found([CANARY], [CANARY, stuck]) == (
        "pod canary-1 of canary does not run (container app: CrashLoopBackOff, Error, exit code 3)"
    )
    assert "ImagePullBackOff" in found([CANARY], [CANARY, replace(stuck, trouble="container app: ImagePullBackOff")])
    assert found([CANARY, stuck], [CANARY, stuck]) == ""  # it was so before


def test_readiness_that_stays_lost_is_a_fault() -> None:
    lost = replace(CANARY, ready=False)
    assert found([CANARY], [lost], later=9.0) == ""
    assert found([CANARY], [lost], later=10.0) == "pod canary-1 of canary has not been ready for 10 s"
    new = replace(CANARY, uid="2", ready=False)
    assert found([CANARY], [CANARY, new], later=60.0) == ""  # it has never been ready
    pods, clock = Pods([CANARY]), FakeClock()
    faults = Faults(pods, {"canary"}, clock)  # type: ignore[arg-type]
    faults.begin()
    assert faults.found() == ""
    pods.found = [lost]
    assert faults.found() == ""
    clock.sleep(12)
    assert faults.found() == "pod canary-1 of canary has not been ready for 12 s"
    pods.found = [CANARY]
    assert faults.found() == ""
    pods.found = [lost]
    assert faults.found() == ""


def test_what_was_seen_of_pods_is_kept_also_when_they_are_gone() -> None:
    pods = Pods([CANARY, STABLE])
    faults = Faults(pods, {"canary"}, FakeClock())  # type: ignore[arg-type]
    faults.begin()
    pods.found = [STABLE]
    faults.found()
    assert set(faults.seen) == {"canary-1", "main-1"}
