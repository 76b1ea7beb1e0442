# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The thread that waits for the rollout, and what it tells the gate."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import POD
from ansible_collections.slipway.rollout.plugins.module_utils.gate.workers import Workers
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.arms import Revisions
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.service import Behind
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.watch import RollFaults, Watch
from ansible_collections.slipway.rollout.plugins.module_utils.workload.kinds import WORKLOADS
from ansible_collections.slipway.rollout.plugins.module_utils.workload.waiting import Expectation

from tests.unit.rolling.runs import Hasty, Quick
from tests.unit.rolling.world import NAME, NAMESPACE, OLD, World


def watch(world: World, **options: Any) -> Watch:
    world.clock = Hasty()
    expected = Expectation(NAMESPACE, options.pop("name", NAME), 20.0, stuck_after=5.0)
    changes = {"watcher": lambda _cluster, _workload, clock: Quick(clock), **options}
    return Watch(world.cluster(), expected, world.clock, lambda _line: None, **changes)


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert true()


def test_it_is_on_hold_until_all_pods_are_there() -> None:
    one = watch(World.of())
    assert one.hold() == "the rollout begins"
    one.start()
    until(lambda: not one.hold())
    assert one.failure() == ""


@pytest.mark.parametrize(
    ("name", "broken", "why"),
    [(NAME, {OLD}, "exits with code 3"), ("other", set(), "There is no Deployment 'other'")],
)
def test_it_says_why_they_do_not_come(name: str, broken: set[str], why: str) -> None:
    one = watch(World.of(broken=broken), name=name)
    one.start()
    until(one.failure)
    assert why in one.failure()
    assert one.hold()


def test_a_mistake_of_its_own_is_a_failure() -> None:
    def broken(*_arguments: object) -> Quick:
        raise RuntimeError("oh")

    one = watch(World.of(), watcher=broken)
    one.start()
    until(one.failure)
    assert one.failure() == "the rollout could not be watched: RuntimeError: oh"


def test_a_service_that_leaves_pods_out_is_a_failure() -> None:
    world = World.of()
    one = watch(world)
    one.behind = Behind(world.cluster(), NAMESPACE, "shop", world.clock, 5.0)
    one.start()
    until(one.failure)
    assert "leaves out" in one.failure()


def test_cancelled_it_says_nothing_more() -> None:
    world = World.of(idle=True)
    one = watch(world)
    one.cancel()
    one.start()
    assert one._thread is not None
    one._thread.join(10)
    assert (one.outcome, one.failure()) == (None, "")


def test_cancelled_while_it_waits_for_the_service() -> None:
    world = World.of()
    one = watch(world)
    one.behind = Behind(world.cluster(), NAMESPACE, "shop", world.clock, 500.0)
    one.cancel()
    one.start()
    assert one._thread is not None
    one._thread.join(10)
    assert one.failure() == ""


def test_when_it_is_through_restarts_count() -> None:
    world = World.of()
    one = watch(world)
    obj = world.obj
    subject = Revisions(
        world.cluster(), WORKLOADS["Deployment"], obj, world.clock, selector="app=shop", workers=Workers()
    )
    subject.begin(())
    faults = RollFaults(subject, one)
    faults.begin()
    assert faults.found() == ""
    assert set(faults.seen) == {pod["metadata"]["name"] for pod in world.pods()}  # also while it rolls
    one.start()
    until(lambda: not one.hold())
    assert faults.found() == ""
    world.idle = True
    for pod in world.pods():
        pod["status"]["containerStatuses"][0]["restartCount"] = 1
        world.store.put(POD, NAMESPACE, pod)

    def found() -> str:
        world.clock.now += 1
        return faults.found()

    until(found)
    assert "of canary has restarted once" in found()
