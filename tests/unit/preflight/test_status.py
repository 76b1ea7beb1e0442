# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is live and what is rolling."""

from __future__ import annotations

from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT, VIRTUAL_SERVICE
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.status import status

from tests.unit.preflight.test_workloads import weights
from tests.unit.preflight.world import NEW, World, params
from tests.unit.store import Obj


def facts(world: World, **changes: Any) -> dict[str, Any]:
    found, problems = status(world.store.cluster(), params(**changes))
    assert problems == []
    return found


def give(image: str, replicas: int) -> Any:
    def edit(obj: Obj) -> None:
        obj["spec"]["template"]["spec"]["containers"][0]["image"] = image
        obj["spec"]["replicas"] = replicas

    return edit


def test_at_rest() -> None:
    found = facts(World())
    assert (found["open"], found["promoting"]) == (False, False)
    assert found["row"] == {
        "live": "shop@sha256:a1a1a1a1a1a1",
        "stable": "100 %, 3 pods",
        "rolling": "-",
        "canary": "-",
    }


def test_a_canary_that_is_out() -> None:
    world = World()
    world.change(DEPLOYMENT, "shop-canary", give(NEW, 1))
    world.change(VIRTUAL_SERVICE, "shop", weights(75, 25))
    found = facts(world)
    assert (found["open"], found["promoting"]) == (True, False)
    assert found["row"]["rolling"] == "shop@sha256:b2b2b2b2b2b2"
    assert found["row"]["canary"] == "25 %, 0 of 1 pods, rolling"
    world.change(DEPLOYMENT, "shop-main", give(NEW, 3))
    assert not facts(world)["promoting"]  # somebody else's doing: there is nothing that stable could be given back
    former = {"slipway.rollout/former-image": "localhost:5000/shop:1"}
    world.change(DEPLOYMENT, "shop-main", lambda obj: obj["metadata"].update(annotations=former))
    assert facts(world)["promoting"]


def test_states() -> None:
    world = World()
    world.change(DEPLOYMENT, "shop-main", lambda obj: obj["spec"].update(paused=True))
    assert facts(world)["stable"]["state"] == "3 pods, paused"
    one = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}
    world.change(DEPLOYMENT, "shop-main", lambda obj: obj.update(spec=obj["spec"] | {"replicas": 1}, status=one))
    world.change(DEPLOYMENT, "shop-main", lambda obj: obj["spec"].pop("paused"))
    assert facts(world)["stable"]["state"] == "1 pod"


def test_what_cannot_be_read_is_said() -> None:
    found, problems = status(World().store.cluster(), params(stable="nothing"))
    assert (found, [problem.field for problem in problems]) == ({}, ["stable"])
    world = World()
    world.store.failures[DEPLOYMENT.path("production", "shop-main")] = [403]
    found, problems = status(world.store.cluster(), params())
    assert (found, [problem.field for problem in problems]) == ({}, ["permissions"])
