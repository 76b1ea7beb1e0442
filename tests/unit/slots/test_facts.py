# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT
from ansible_collections.slipway.rollout.plugins.module_utils.slots.facts import facts_of
from ansible_collections.slipway.rollout.plugins.module_utils.slots.problems import Policy

from tests.unit.preflight.world import NEW
from tests.unit.slots.builders import OLD
from tests.unit.slots.world import World, params, wish
from tests.unit.store import Obj


def facts(world: World, **changes: object) -> Obj:
    found = world.inspect(**changes)
    assert not found.problems, found.problems
    return dict(found.facts)


def test_what_the_tasks_need_to_know() -> None:
    world = World()
    world.scale(least=4)
    found = facts(world)
    assert (found["live"]["slot"], found["live"]["name"], found["live"]["image"]) == ("blue", "shop-blue", OLD)
    assert (found["idle"]["slot"], found["idle"]["replicas"], found["idle"]["container"]) == ("green", 0, "app")
    assert (found["size"], found["keep"], found["hpa_follows"]) == (4, 1, True)
    assert found["subject"] == {"stable": "app=shop,slot=blue", "canary": "app=shop,slot=green"}
    assert (found["image"], found["title"], found["already_live"]) == (NEW, "shop:2", False)
    assert "namespace" not in found["switch"]
    assert facts(world, hpa_follows=False)["hpa_follows"] is False


def test_the_idle_slot_gets_the_image_and_full_size_and_notes_what_it_had() -> None:
    definition = facts(World())["definition"]
    assert definition["spec"] == {
        "replicas": 3,
        "template": {"spec": {"containers": [{"name": "app", "image": NEW}]}},
    }
    assert definition["metadata"]["annotations"] == {
        "slipway.rollout/release": "registry.example/shop:2",
        "slipway.rollout/image": NEW,
        "slipway.rollout/rollback-image": OLD,
    }


def test_a_template_that_is_copied_replaces_the_former_one_whole() -> None:
    world = World()
    world.change(DEPLOYMENT, "shop-green", lambda obj: obj["spec"]["template"]["spec"].update(dnsPolicy="None"))
    template = facts(world, differences="copy")["definition"]["spec"]["template"]
    assert template["$patch"] == "replace"
    assert "dnsPolicy" not in template["spec"]
    assert template["spec"]["containers"][0]["image"] == NEW
    assert template["metadata"]["labels"] == {"app": "shop", "slot": "green"}


def test_what_the_idle_slot_notes_is_kept_to_be_put_back() -> None:
    world = World()
    notes = {"slipway.rollout/image": OLD, "team": "shop"}
    world.change(DEPLOYMENT, "shop-green", lambda obj: obj["metadata"].update(annotations=notes))
    kept = facts(world)["idle"]["annotations"]
    assert kept["slipway.rollout/image"] == OLD
    assert kept["slipway.rollout/release"] is None
    assert "team" not in kept


def test_an_image_that_is_live_already() -> None:
    world = World()

    def give(obj: Obj) -> None:
        obj["spec"]["template"]["spec"]["containers"][0]["image"] = NEW

    world.change(DEPLOYMENT, "shop-blue", give)
    assert facts(world)["already_live"] is True


def test_without_a_deployment_there_are_none() -> None:
    seen = World().look()
    seen.view.canary = None
    assert facts_of(wish(), seen, Policy(), params(), NEW, []) == {}
