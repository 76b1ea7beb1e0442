# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of a rollout get to know."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.facts import (
    FORMER_IMAGE,
    FORMER_RELEASE,
    PINNED,
    RELEASE,
    release_of,
)

from tests.unit.preflight.world import NEW, OLD, REPLICAS_ROUTE, ROUTE, World


def test_a_whole_set_of_facts() -> None:
    facts = World().inspect().facts
    assert facts["stable"]["replicas"] == 3
    assert facts["stable"]["hpa"] is None
    assert facts["stable"]["selector"] == "app=shop,version=main"
    assert facts["canary"]["container"] == "app"
    assert facts["split"] == {"stable": 100, "canary": 0}
    assert facts["route"] == ROUTE
    assert facts["stages"] == [
        {"weight": 10, "replicas": 1},
        {"weight": 50, "replicas": 2},
        {"weight": 100, "replicas": 3},
    ]
    assert facts["subject"] == {"stable": "app=shop,version=main", "canary": "app=shop,version=canary"}
    assert not facts["already_live"]
    assert not facts["unfinished"]


def test_without_a_mesh_stable_keeps_its_pods() -> None:
    assert World().inspect(route=REPLICAS_ROUTE).facts["route"] == {
        **REPLICAS_ROUTE,
        "capacity": 3,
        "keep": {"stable": 3},
    }


def test_a_release_is_called_as_it_was_asked_for_unless_the_image_was_changed_since() -> None:
    annotations = {RELEASE: "registry.example/shop:1", PINNED: OLD}
    assert release_of(OLD, annotations) == "registry.example/shop:1"
    assert release_of(NEW, annotations) == NEW
    assert release_of(OLD, {}) == OLD


def test_what_stable_had_before() -> None:
    world = World()
    former = {FORMER_IMAGE: NEW, FORMER_RELEASE: "registry.example/shop:0"}
    world.change(DEPLOYMENT, "shop-main", lambda obj: obj["metadata"].update(annotations=former))
    stable = world.inspect().facts["stable"]
    assert (stable["former_image"], stable["former_title"]) == (NEW, "shop:0")


def test_no_facts_where_a_deployment_is_missing() -> None:
    assert World().inspect(canary="nothing").facts == {}


def test_a_configuration_is_a_part_of_the_release() -> None:
    world = World()
    annotations = {"slipway.rollout/config": "h1"}
    world.change(
        DEPLOYMENT, "shop-main", lambda obj: obj["spec"]["template"]["metadata"].update(annotations=annotations)
    )
    assert world.inspect(image=OLD, config="h1").facts["already_live"]
    assert world.inspect(image=OLD).facts["already_live"]
    assert not world.inspect(image=OLD, config="h2").facts["already_live"]
