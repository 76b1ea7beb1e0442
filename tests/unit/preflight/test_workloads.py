# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments that are not at rest, or not what they should be."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT, VIRTUAL_SERVICE

from tests.unit.preflight.world import NEW, World
from tests.unit.store import Obj


def status(**changes: int) -> dict[str, Any]:
    return {"observedGeneration": 1, "replicas": 3, "updatedReplicas": 3, "availableReplicas": 3, **changes}


def test_a_cluster_in_order_has_no_problems() -> None:
    assert World().problems() == ()


def test_a_container_of_another_name() -> None:
    problem = World().problem(container="api")
    assert problem.text() == (
        "container: Deployments shop-main (stable) and shop-canary (canary) have no container 'api'; expected app. "
        "Correct the name."
    )


def test_two_containers_and_none_named() -> None:
    world = World()

    def add(obj: Obj) -> None:
        obj["spec"]["template"]["spec"]["containers"].insert(0, {"name": "proxy", "image": "p"})

    world.change(DEPLOYMENT, "shop-main", add)
    problem = world.problem()
    assert problem.found == "Deployment shop-main (stable) has 2 containers and none is named"
    assert problem.expected == "one of app, proxy"
    assert world.problems(container="app") == ()


@pytest.mark.parametrize(("name", "field"), [("shop-main", "stable"), ("shop-canary", "canary")])
def test_a_paused_deployment(name: str, field: str) -> None:
    world = World()
    world.change(DEPLOYMENT, name, lambda obj: obj["spec"].update(paused=True))
    problem = world.problem()
    assert problem.field == field
    assert f"kubectl -n production rollout resume deployment/{name}" in problem.remedy


@pytest.mark.parametrize(
    "changes",
    [{"observedGeneration": 0}, {"updatedReplicas": 1}, {"replicas": 4}],
)
def test_a_rollout_in_flight(changes: dict[str, int]) -> None:
    world = World()
    world.change(DEPLOYMENT, "shop-main", lambda obj: obj.update(status=status(**changes)))
    problem = world.problem()
    assert "a rollout of Deployment shop-main is in flight" in problem.found
    assert "kubectl -n production rollout status deployment/shop-main" in problem.remedy


def test_a_stable_version_without_pods_or_without_health() -> None:
    world = World()
    world.change(DEPLOYMENT, "shop-main", lambda obj: obj["spec"].update(replicas=0))
    assert "has 0 replicas" in world.problem().found
    sick = status(availableReplicas=1) | {"conditions": [{"type": "Available", "status": "False"}]}
    world.change(DEPLOYMENT, "shop-main", lambda obj: obj.update(status=sick) or obj["spec"].update(replicas=3))
    problem = world.problem()
    assert problem.found == "Deployment shop-main is not available: 1 of 3 pods are"
    assert "get pods -l app=shop,version=main" in problem.remedy


def weights(stable: int, canary: int) -> Any:
    def edit(obj: Obj) -> None:
        route = obj["spec"]["http"][0]["route"]
        route[0]["weight"], route[1]["weight"] = stable, canary
        obj["metadata"]["managedFields"] = [
            {"manager": "slipway", "operation": "Update", "time": "2027-01-15T08:00:00Z"}
        ]

    return edit


def test_a_canary_left_over_says_what_it_has_and_what_to_type() -> None:
    world = World()
    world.change(DEPLOYMENT, "shop-canary", lambda obj: obj["spec"].update(replicas=1))
    assert world.problem().found == "a canary is out already: Deployment shop-canary has 1 pod"
    world.change(VIRTUAL_SERVICE, "shop", weights(75, 25))
    problem = world.problem()
    assert problem.found == (
        "a canary is out already: Deployment shop-canary has 1 pod and gets 25 % of the traffic (route last written by "
        "slipway at 2027-01-15T08:00:00Z)"
    )
    assert "ansible-playbook playbooks/rollback.yml" in problem.remedy


def test_a_promotion_that_only_has_to_be_tidied_up_is_no_problem() -> None:
    world = World()

    def give(obj: Obj) -> None:
        obj["spec"]["template"]["spec"]["containers"][0]["image"] = NEW

    for name in ("shop-main", "shop-canary"):
        world.change(DEPLOYMENT, name, give)
    world.change(DEPLOYMENT, "shop-canary", lambda obj: obj["spec"].update(replicas=3))
    found = world.inspect()
    assert found.problems == ()
    assert found.facts["already_live"]
    assert found.facts["unfinished"]
    assert found.facts["plan"] == ["shop:2 is on stable already: all users go there, and the canary is stopped."]


def test_selectors_that_take_each_other_s_pods() -> None:
    world = World()

    def widen(obj: Obj) -> None:
        obj["spec"]["selector"]["matchLabels"] = {"app": "shop"}

    world.change(DEPLOYMENT, "shop-main", widen)
    problem = world.problem()
    assert problem.field == "stable"
    assert problem.found == (
        "the selector of Deployment shop-main (app=shop) fits the pods of shop-canary (app=shop,version=canary) too"
    )
    world.change(DEPLOYMENT, "shop-canary", widen)
    assert [problem.field for problem in world.problems()] == ["stable", "canary"]


def test_pods_without_a_pre_stop_are_worth_a_note() -> None:
    world = World()
    assert world.inspect().notes == ()
    world.change(DEPLOYMENT, "shop-main", lambda obj: obj["spec"]["template"]["spec"]["containers"][0].pop("lifecycle"))
    assert world.inspect().notes[0].startswith("The pods of shop-main have no preStop, so requests ")
