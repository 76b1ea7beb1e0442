# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a workload from being rolled out on: it is not at rest, or of a sort that does not roll."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.former import STOPPED
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.pace import Pace
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.rest import (
    container_name,
    pace_problems,
    rest_problems,
    service_problems,
    strategy_problems,
    tempo_notes,
)
from ansible_collections.slipway.rollout.plugins.module_utils.workload.snapshot import Snapshot, take

from tests.unit.rolling.world import NAME, NAMESPACE, OLD, World, workload


def snapshot(world: World) -> Snapshot:
    return take(world.cluster(), NAMESPACE, NAME, world.kind)


@pytest.mark.parametrize(
    ("kind", "spec", "words"),
    [
        ("Deployment", {"strategy": {"type": "Recreate"}}, "all its pods would end before"),
        ("DaemonSet", {"updateStrategy": {"type": "OnDelete"}}, "nothing would be rolled out"),
        ("StatefulSet", {"updateStrategy": {"rollingUpdate": {"partition": 2}}}, "partition 2"),
    ],
)
def test_what_its_owner_has_chosen(kind: str, spec: dict[str, Any], words: str) -> None:
    (problem,) = strategy_problems(workload(kind, spec=spec))
    assert words in problem.found
    assert list(strategy_problems(workload(kind, spec=spec, annotations={STOPPED: "bad"}))) == []


def test_at_rest_there_is_nothing_to_say() -> None:
    for kind in ("DaemonSet", "Deployment", "StatefulSet"):
        world = World.of(kind=kind)
        assert list(rest_problems(snapshot(world), ours=False)) == []
        assert list(strategy_problems(world.obj)) == []


def test_a_rollout_of_somebody_else() -> None:
    world = World.of()
    world.write(lambda obj: None)
    world.idle = True
    (problem,) = rest_problems(snapshot(world), ours=False)
    assert problem.found.startswith("a rollout of Deployment shop is in flight")
    assert problem.remedy == "wait for it: kubectl -n production rollout status deployment/shop"
    assert list(rest_problems(snapshot(world), ours=True)) == []


def test_pods_that_are_not_well() -> None:
    (problem,) = rest_problems(snapshot(World.of(broken={OLD})), ours=False)
    assert problem.found == "Deployment shop is not healthy: 0 of 2 pods of the new template are available"


def test_no_pods() -> None:
    (problem,) = rest_problems(snapshot(World.of(workload(replicas=0))), ours=False)
    assert "has no pods, so nobody is served" in problem.found


def test_paused_by_somebody_and_stopped_by_us() -> None:
    paused = World.of()
    paused.write(lambda obj: obj["spec"].update(paused=True))
    (problem,) = rest_problems(snapshot(paused), ours=False)
    assert problem.remedy.endswith("rollout resume deployment/shop")
    paused.write(lambda obj: obj["metadata"]["annotations"].update({STOPPED: "errors: 3 of 9"}))
    (problem,) = rest_problems(snapshot(paused), ours=False)
    assert "(errors: 3 of 9)" in problem.found


def test_the_container() -> None:
    assert container_name(workload(), "") == ("app", [])
    assert container_name(workload(), "app") == ("app", [])
    _name, (problem,) = container_name(workload(), "api")
    assert problem.text() == "container: Deployment shop has no container 'api'; expected app. Correct the name."
    two = workload()
    two["spec"]["template"]["spec"]["containers"].append({"name": "proxy"})
    _name, (problem,) = container_name(two, "")
    assert problem.found == "Deployment shop has 2 containers and none is named"


def test_a_service_of_other_pods() -> None:
    service = {"metadata": {"name": "shop"}, "spec": {"selector": {"app": "other"}}}
    (problem,) = service_problems(workload(), service)
    assert problem.found == "Service shop selects app=other, and pods of Deployment shop have app=shop"
    assert list(service_problems(workload(), {**service, "spec": {"selector": {"app": "shop"}}})) == []
    assert list(service_problems(workload(), None)) == []


def test_times_are_told() -> None:
    notes = list(tempo_notes(workload(), Pace(), 900))
    assert notes[0].startswith("minReadySeconds is 0")
    assert "after 60 s already" in notes[1]
    assert list(tempo_notes(workload("StatefulSet"), Pace(min_ready=3), 900)) == []
    (problem,) = pace_problems(workload(), Pace(min_ready=60))
    assert problem.expected == "less than 60"
    assert list(pace_problems(workload(), Pace(min_ready=5))) == []
