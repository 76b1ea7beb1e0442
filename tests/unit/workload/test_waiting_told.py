# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told while it is waited, and that it is not waited longer than somebody wants."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.slipway.rollout.plugins.module_utils.workload.waiting import Expectation, Outcome, wait

from tests.unit.rolling.world import NAME, NAMESPACE, World
from tests.unit.traffic.fake_api import FakeClock


@dataclass
class Step:
    clock: FakeClock

    def wait(self, seconds: float) -> None:
        self.clock.sleep(seconds)


def run(world: World, said: list[str], **options: float) -> Outcome:
    expected = Expectation(NAMESPACE, NAME, **{"timeout": 100.0, **options})  # type: ignore[arg-type]
    return wait(world.cluster(), expected, lambda _workload: Step(world.clock), world.clock, said.append)


def unschedulable(world: World) -> None:
    world.idle = True
    obj = world.obj
    obj["status"] |= {"availableReplicas": 0}
    for pod in world.pods():
        message = "0/1 nodes are available: 1 Insufficient cpu."
        pod["status"] = {"conditions": [{"type": "PodScheduled", "status": "False", "message": message}]}
    for path in [path for path in world.store.objects if "replicasets" in path]:
        world.store.objects[path]["status"] = {}


def test_what_stands_in_the_way_is_told_once_and_ends_it_when_somebody_wants_to_know() -> None:
    world, said = World.of(), []
    unschedulable(world)
    outcome = run(world, said, stuck_after=10.0)
    assert not outcome.ok
    assert "Insufficient cpu" in outcome.reason
    assert 10 <= outcome.seconds < 12
    assert len(said) == 2
    assert said[0] == "0 of 2 pods of the new template are available"
    assert said[1].startswith("0 of 2 pods of the new template are available. No node takes pod")


def test_without_that_it_has_its_usual_time() -> None:
    world = World.of()
    unschedulable(world)
    assert run(world, []).seconds >= 60
