# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.permissions import every_rollout
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.problem import Problem
from ansible_collections.slipway.rollout.plugins.module_utils.slots.inspect import needed

from tests.unit.slots.builders import options, switch
from tests.unit.slots.world import World


@pytest.mark.parametrize("kind", ["service", "virtualservice"])
def test_a_good_world_has_facts_and_a_plan(kind: str) -> None:
    found = World().inspect(kind)
    assert found.problems == ()
    assert found.as_dict()["plan"][3].startswith("Switch ")
    assert all(permission.allowed for permission in found.permissions)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"image": ""}, "image"),
        ({"image": "Not An Image"}, "image"),
        ({"switch": options(slots={})}, "switch"),
        ({"switch": options(name="shopp")}, "switch"),
    ],
)
def test_what_can_be_told_from_the_options(changes: dict[str, Any], field: str) -> None:
    assert World().problem(**changes).field == field


def test_a_switch_that_cannot_be_patched_is_told_with_all_other_permissions() -> None:
    world = World()
    world.store.denied |= {("patch", "services"), ("get", "pods/proxy")}
    problem = world.problem()
    assert problem.field == "permissions"
    assert "patch services" in problem.found
    assert world.problem(pods_proxy=False).found.count("proxy") == 0


def test_each_kind_of_switch_needs_its_own_permission() -> None:
    described = [permission.describe() for permission in needed(switch("httproute"), proxy=False)]
    assert "patch httproutes" in described
    assert "patch services" not in described
    assert len(described) == len(set(described))
    via_service = needed(switch("httproute"), proxy=False, preview=True, service_proxy=True)
    assert {"patch services", "get services/proxy"} <= {permission.describe() for permission in via_service}
    assert "patch services" in World().inspect(preview="shop-preview").as_dict()["permissions"]["allowed"]


def test_lock_and_ledger_are_what_every_rollout_needs() -> None:
    described = {permission.describe() for permission in needed(switch(), proxy=False)}
    assert {one.describe() for one in every_rollout("x", pods_proxy=False)} <= described


def test_metrics_are_asked_about_the_live_slot() -> None:
    asked = []

    def metrics(_view: object, subject: object) -> tuple[list[Problem], list[str]]:
        asked.append(subject)
        return [], ["no requests were counted"]

    found = World().inspect(metrics=metrics)
    assert found.notes == ("no requests were counted",)
    assert asked == [{"stable": "app=shop,slot=blue", "canary": "app=shop,slot=green"}]
    World().inspect(metrics=metrics, subject={"canary": "x=y"})
    assert asked[1] == {"canary": "x=y"}


def test_an_image_from_elsewhere_is_asked_about() -> None:
    found = World().inspect(image="registry.example/other:2")
    assert "Blue runs registry.example/shop, and this is registry.example/other." in found.notes[0]


def test_a_refusal_says_what_is_live() -> None:
    world = World()
    world.change(DEPLOYMENT, "shop-green", lambda obj: obj["spec"].update(paused=True))
    text = world.inspect().text("slipway_")
    assert text.startswith("Live: shop@sha256:a1a1a1a1a1a1 on production/shop-blue; nothing was changed.")
    assert "Why: slipway_switch.slots.green: Deployment shop-green is paused" in text
