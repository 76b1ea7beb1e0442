# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is going to happen, in lines for people."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT, HPA

from tests.unit.preflight.world import NEW, REPLICAS_ROUTE, World, hpa
from tests.unit.store import Obj


def test_a_plan() -> None:
    world = World()
    world.put(HPA, hpa())
    assert world.inspect().facts["plan"] == [
        "Release  registry.example/shop:2, pinned as sha256:b2b2b2b2b2b2",
        "Stable   production/shop-main: 3 pods of shop@sha256:a1a1a1a1a1a1, HPA shop 2–10, not below 3 until the end",
        "Canary   production/shop-canary, container app",
        "Route    virtualservice production/shop rule 'primary', now stable 100 %, canary 0 %",
        "Stages   10 % (1) → 50 % (2) → 100 % (3) (canary's pods), then stable gets the image",
    ]


def test_without_a_mesh_the_real_shares_are_said() -> None:
    plan = World().inspect(route=REPLICAS_ROUTE).facts["plan"]
    assert "Stages   10 % (1 of 4 pods, really 25 %) → 50 % (2 of 5 pods, really 40 %)" in plan[4]
    assert plan[5].startswith("Note     without a mesh users get to a pod as soon as it is ready")


def test_a_floor_that_is_high_enough_is_not_spoken_of() -> None:
    world = World()
    world.put(HPA, hpa(least=3))
    assert world.inspect().facts["plan"][1].endswith("HPA shop 3–10")


def test_what_is_live_already() -> None:
    world = World()

    def give(obj: Obj) -> None:
        obj["spec"]["template"]["spec"]["containers"][0]["image"] = NEW

    world.change(DEPLOYMENT, "shop-main", give)
    assert world.inspect().facts["plan"] == ["shop:2 is live on production/shop-main already: nothing to do."]
