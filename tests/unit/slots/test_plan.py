# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT

from tests.unit.slots.world import World


def test_the_plan_for_people() -> None:
    world = World()
    world.scale()
    assert world.inspect().facts["plan"] == [
        "Release  registry.example/shop:2, pinned as sha256:b2b2b2b2b2b2",
        "Live     slot blue, production/shop-blue: 3 pods of shop@sha256:a1a1a1a1a1a1, HPA shop 2–10",
        "Idle     slot green, production/shop-green: 0 pods → 3 pods of shop:2",
        "Switch   service production/shop: blue → green",
        "After    the gate blue keeps 1 pod of shop@sha256:a1a1a1a1a1a1 to go back to",
    ]


def test_what_the_idle_slot_holds_is_said() -> None:
    world = World()
    world.change(DEPLOYMENT, "shop-green", lambda obj: obj["spec"].update(replicas=1))
    assert "1 pod of shop@sha256:a1a1a1a1a1a1 → 3 pods of shop:2" in world.inspect().facts["plan"][2]


def test_nothing_to_do() -> None:
    world = World()

    def give(obj: object) -> None:
        obj["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example/shop@sha256:" + "b2" * 32  # type: ignore[index]

    world.change(DEPLOYMENT, "shop-blue", give)
    assert world.inspect().facts["plan"] == ["shop:2 is live on production/shop-blue already: nothing to do."]
