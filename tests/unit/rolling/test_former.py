# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept to go back: the very template, by its digest, and nothing secret."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.former import (
    FORMER_IMAGE,
    FORMER_RELEASE,
    FORMER_REVISION,
    FORMER_TEMPLATE,
    PINNED,
    RELEASE,
    Former,
    NoFormer,
    digest,
    find_template,
    former_of,
    has_secrets,
    noted,
)
from ansible_collections.slipway.rollout.plugins.module_utils.workload.snapshot import take, template

from tests.unit.rolling.world import NAME, NAMESPACE, NEW, OLD, World, workload


def former(world: World) -> Former:
    snapshot = take(world.cluster(), NAMESPACE, NAME, world.kind)
    return former_of(snapshot, OLD, "shop:1")


@pytest.mark.parametrize("kind", ["DaemonSet", "Deployment", "StatefulSet"])
def test_the_template_is_found_again_by_its_digest(kind: str) -> None:
    world = World.of(kind=kind)
    was, before = former(world), template(world.obj)
    world.write(lambda obj: obj["spec"]["template"]["spec"]["containers"][0].update(image=NEW))
    without = Former.parse({**was.as_dict(), "template": None})
    assert digest(find_template(world.cluster(), world.obj, without)) == digest(before) == was.digest
    assert find_template(world.cluster(), world.obj, was) == before


def test_it_survives_the_ledger() -> None:
    was = former(World.of())
    assert Former.parse(was.as_dict()) == was
    with pytest.raises(NoFormer, match="no digest"):
        Former.parse({"image": OLD})


def test_a_template_that_is_gone_is_told() -> None:
    world = World.of()
    gone = Former("shop-66f7c", "0" * 64, OLD, "shop:1")
    with pytest.raises(NoFormer, match="ReplicaSet shop-66f7c with the former template of Deployment shop is gone"):
        find_template(world.cluster(), world.obj, gone)


def test_a_kept_template_that_was_changed_is_not_trusted() -> None:
    world = World.of()
    was = former(world)
    tampered = copy.deepcopy(was.as_dict())
    tampered["template"]["spec"]["containers"][0]["image"] = NEW
    assert find_template(world.cluster(), world.obj, Former.parse(tampered)) == template(world.obj)


def test_the_way_back_an_hour_later_is_noted_on_the_workload() -> None:
    notes = {
        PINNED: NEW,
        RELEASE: "shop:2",
        FORMER_TEMPLATE: "d" * 64,
        FORMER_REVISION: "shop-1",
        FORMER_IMAGE: OLD,
        FORMER_RELEASE: "shop:1",
    }
    found = noted(workload(image=NEW, annotations=notes))
    assert (found.revision, found.digest, found.image, found.release) == ("shop-1", "d" * 64, OLD, "shop:1")
    assert found.notes[RELEASE] == "shop:1"
    assert found.notes[FORMER_TEMPLATE] is None
    with pytest.raises(NoFormer, match="does not say what it was before"):
        noted(workload())


def test_what_the_api_fills_in_or_drops_makes_no_difference() -> None:
    one = {"metadata": {"creationTimestamp": None, "labels": {"a": "b"}}, "spec": {"volumes": [], "containers": []}}
    other = {"spec": {}, "metadata": {"labels": {"a": "b"}}}
    assert digest(one) == digest(other)
    assert digest(one) != digest({"metadata": {"labels": {"a": "c"}}})


@pytest.mark.parametrize(
    ("changes", "secret"),
    [
        ({"env": [{"name": "LOG_LEVEL", "value": "info"}]}, False),
        ({"env": [{"name": "DB_PASSWORD", "value": "x"}]}, True),
        ({"env": [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]}, False),
        ({"env": [{"name": "DATABASE_URL", "value": "postgres://u:p@db/x"}]}, True),
        ({"env": [{"name": "AUTHOR", "value": "ann"}]}, False),
        ({"container": {"args": ["--token=abc"]}}, True),
        ({"container": {"command": ["run", "http://host:80/"]}}, False),
    ],
)
def test_a_template_with_what_looks_secret_is_not_kept(changes: dict[str, Any], secret: bool) -> None:
    obj = workload(**changes)
    assert has_secrets(obj["spec"]["template"]) is secret
    assert (former(World.of(obj)).template is None) is secret


def test_annotations_are_looked_at_too() -> None:
    assert has_secrets({"metadata": {"annotations": {"api-token": "x"}}, "spec": {}})
