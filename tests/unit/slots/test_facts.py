# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.bundle import LABEL_HASH, Bundle
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.options import Mounting
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.overlay import laid_on
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.template import forward
from ansible_collections.slipway.rollout.plugins.module_utils.slots.facts import facts_of
from ansible_collections.slipway.rollout.plugins.module_utils.slots.problems import Policy

from tests.unit.preflight.world import NEW
from tests.unit.slots.builders import OLD
from tests.unit.slots.world import PRODUCTION, World, params, wish
from tests.unit.store import Obj

SLOTS = ("blue", "green")


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


def configured(digest: str, world: World, slot: str) -> Obj:
    """A slot with a configuration; the patch of it."""
    keys = {"PORT": "public", digest.upper(): "public"}
    bundle = Bundle("shop", digest, "c", Mounting(), {"config.yaml": ""}, {}, keys)
    change = forward(bundle, [])
    world.change(
        DEPLOYMENT,
        f"shop-{slot}",
        lambda obj: obj["spec"].update(template=laid_on(obj["spec"]["template"], change, "app")),
    )
    return change


def two(world: World) -> Obj:
    """Blue with one configuration, green with an older one; the patch of a third."""
    configured("one", world, "blue")
    configured("old", world, "green")
    templates = [world.store.objects[DEPLOYMENT.path(PRODUCTION, f"shop-{slot}")]["spec"]["template"] for slot in SLOTS]
    return forward(Bundle("shop", "two", "c", Mounting(), {}, {}, {"PORT": "public"}), templates)


def test_a_configuration_is_no_difference_and_goes_to_the_idle_slot() -> None:
    world = World()
    template = two(world)
    found = facts(world, config="two", template=template)
    (container,) = found["definition"]["spec"]["template"]["spec"]["containers"]
    assert (container["image"], container["name"]) == (NEW, "app")
    assert {"name": "OLD", "$patch": "delete"} in container["env"]
    assert found["definition"]["spec"]["template"]["metadata"]["annotations"] == {LABEL_HASH: "two"}
    assert found["already_live"] is False


def test_each_slot_can_be_given_back_the_configuration_that_it_had() -> None:
    world = World()
    template = two(world)
    found = facts(world, config="two", template=template)
    for arm, had in (("live", "one"), ("idle", "old")):
        back = found[arm]["template"]
        assert back["metadata"]["annotations"] == {LABEL_HASH: had}
        env = {one["name"]: one for one in back["spec"]["containers"][0]["env"]}
        assert env[had.upper()]["valueFrom"]["configMapKeyRef"]["name"] == f"shop-config-{had}"
        assert env["OLD" if had == "one" else "ONE"]["$patch"] == "delete"
    assert facts(World())["idle"]["template"] == {}


def test_a_copied_template_has_the_configuration_too() -> None:
    world = World()
    template = two(world)
    world.change(DEPLOYMENT, "shop-green", lambda obj: obj["spec"]["template"]["spec"].update(dnsPolicy="None"))
    made = facts(world, config="two", template=template, differences="copy")["definition"]["spec"]["template"]
    assert "dnsPolicy" not in made["spec"]
    (container,) = made["spec"]["containers"]
    assert [one["name"] for one in container["env"]] == ["PORT"]
    assert container["image"] == NEW
    assert made["spec"]["volumes"][0]["configMap"]["name"] == "shop-config-two"


def test_the_same_image_with_another_configuration_is_a_release() -> None:
    world = World()
    template = configured("one", world, "blue")
    world.change(
        DEPLOYMENT,
        "shop-blue",
        lambda obj: obj["spec"]["template"]["spec"]["containers"][0].update(image=NEW),
    )
    assert facts(world, config="one", template=template)["already_live"] is True
    assert facts(world, config="two", template=template)["already_live"] is False


def test_without_a_deployment_there_are_none() -> None:
    seen = World().look()
    seen.view.canary = None
    assert facts_of(wish(), seen, Policy(), params(), NEW, []) == {}
