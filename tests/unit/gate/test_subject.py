# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pods that are watched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Unreachable
from ansible_collections.slipway.rollout.plugins.module_utils.gate.subject import PodGroup, Subject, read_pod
from ansible_collections.slipway.rollout.plugins.module_utils.gate.workers import Workers

from tests.unit.gate.builders import FakeClock, pod_object

GROUPS = [PodGroup("canary", "production", "version=canary"), PodGroup("all", "production", "app=shop")]


@dataclass
class Listing:
    """Stands for a Cluster: pods by label selector, or an error."""

    pods: dict[str, list[dict[str, Any]]]
    asked: list[str] = field(default_factory=list)
    error: Exception | None = None

    def list(self, kind: object, namespace: str, *, labels: str = "") -> list[dict[str, Any]]:
        self.asked.append(f"{namespace} {labels}")
        if self.error:
            raise self.error
        return self.pods.get(labels, [])


def subject(listing: Listing, clock: FakeClock) -> Subject:
    return Subject(listing, GROUPS, clock, workers=Workers(1))  # type: ignore[arg-type]


def landed(watched: Subject) -> None:
    assert watched._flight is not None
    watched._flight.exception(5)


def test_a_running_pod() -> None:
    pod = read_pod(pod_object(), "canary")
    assert (pod.name, pod.group, pod.ip, pod.phase, pod.ready, pod.terminating) == (
        "pod-1",
        "canary",
        "10.0.0.1",
        "Running",
        True,
        False,
    )
    assert pod.started == 1767225610.0
    assert (pod.trouble, pod.restarts, pod.ports) == ("", 0, {"http": 8000})


def test_a_pod_that_was_just_made() -> None:
    pod = read_pod({"metadata": {"name": "a", "namespace": "b", "deletionTimestamp": "now"}}, "canary")
    assert (pod.ip, pod.phase, pod.ready, pod.started, pod.terminating) == ("", "", False, None, True)


@pytest.mark.parametrize(
    ("state", "last", "trouble"),
    [
        ({"waiting": {"reason": "ImagePullBackOff"}}, {}, "container app: ImagePullBackOff"),
        (
            {"waiting": {"reason": "CrashLoopBackOff"}},
            {"terminated": {"reason": "Error", "exitCode": 3}},
            "container app: CrashLoopBackOff, Error, exit code 3",
        ),
        (
            {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
            {"terminated": {"reason": "OOMKilled", "exitCode": 137}},
            "container app: OOMKilled, exit code 137",
        ),
        ({"terminated": {"reason": "Completed", "exitCode": 0}}, {}, ""),
        ({"waiting": {}}, {}, "container app: waiting"),
    ],
)
def test_what_ails_a_pod(state: dict[str, Any], last: dict[str, Any], trouble: str) -> None:
    status = {"name": "app", "restartCount": 2, "state": state, "lastState": last}
    assert read_pod(pod_object(containerStatuses=[status]), "canary").trouble == trouble


def test_pods_belong_to_the_first_group_that_has_them() -> None:
    listing = Listing({"version=canary": [pod_object("a")], "app=shop": [pod_object("a"), pod_object("b")]})
    assert [(pod.name, pod.group) for pod in subject(listing, FakeClock()).pods()] == [("a", "canary"), ("b", "all")]
    assert listing.asked == ["production version=canary", "production app=shop"]


def test_pods_are_listed_again_in_the_background_and_not_more_often_than_asked() -> None:
    listing, clock = Listing({"app=shop": [pod_object("a")]}), FakeClock()
    watched = subject(listing, clock)
    for dummy in range(3):
        watched.pods()
    assert len(listing.asked) == 2
    clock.now += 1
    listing.pods["app=shop"].append(pod_object("b"))
    assert [pod.name for pod in watched.pods()] == ["a"]
    landed(watched)
    assert [pod.name for pod in watched.pods()] == ["a", "b"]
    assert len(listing.asked) == 4


def test_the_first_listing_raises_and_later_ones_keep_what_is_known() -> None:
    listing, clock = Listing({"app=shop": [pod_object("a")]}, error=Unreachable("nobody there")), FakeClock()
    watched = subject(listing, clock)
    with pytest.raises(Unreachable):
        watched.pods()
    listing.error = None
    assert len(watched.pods()) == 1
    listing.error = Unreachable("gone")
    clock.now += 1
    watched.pods()
    landed(watched)
    assert ([pod.name for pod in watched.pods()], watched.error) == (["a"], "gone")
