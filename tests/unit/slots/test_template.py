# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.slots.template import (
    copied,
    differences,
    lone_labels,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.slots.builders import NEW, deployment
from tests.unit.traffic.fake_api import Obj


def pair(change: Callable[[Obj], object]) -> tuple[Obj, Obj]:
    """Blue as it is, and green with something changed in its template."""
    blue, green = deployment("blue", 3), deployment("green", 0, NEW)
    change(green["spec"]["template"])
    return blue, green


def app(template: Obj) -> Obj:
    found: Obj = template["spec"]["containers"][0]
    return found


def test_the_image_and_the_labels_are_the_slots_own() -> None:
    assert differences(*pair(lambda template: template["metadata"]["labels"].update(version="green")), "app") == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: app(t).pop("readinessProbe"), "containers[app].readinessProbe is on blue only"),
        (lambda t: app(t).update(envFrom=[]), "containers[app].envFrom is on green only"),
        (lambda t: app(t).update(lifecycle={}), "containers[app].lifecycle is another on green than on blue"),
        (lambda t: t["spec"].update(serviceAccountName="x"), "serviceAccountName is on green only"),
        (lambda t: t["metadata"].update(annotations={"a/b": "c"}), "annotations.a/b is on green only"),
        (lambda t: t["spec"]["containers"].append({"name": "side"}), "containers[side] is on green only"),
        (lambda t: t["spec"].update(initContainers=[{"name": "i"}]), "initContainers[i] is on green only"),
        (lambda t: app(t).update(name="web"), "containers[app] is on blue only; containers[web] is on green only"),
    ],
)
def test_what_differs_is_found_named_and_copied(change: Callable[[Obj], object], told: str) -> None:
    blue, green = pair(change)
    found = differences(blue, green, "app")
    assert "; ".join(one.describe("blue", "green") for one in found) == told
    before = copy.deepcopy(green)
    green["spec"]["template"] = copied(green, found)
    assert differences(blue, green, "app") == []
    assert green["spec"]["template"]["metadata"]["labels"] == before["spec"]["template"]["metadata"]["labels"]


def test_what_may_differ_does_not_count() -> None:
    blue, green = pair(lambda template: app(template).update(envFrom=[], env=[]))
    assert [one.path for one in differences(blue, green, "app", ["containers[app].envFrom"])] == ["containers[app].env"]
    assert differences(blue, green, "app", ["containers*env*"]) == []


def test_the_image_of_another_container_is_no_release() -> None:
    blue, green = pair(lambda template: None)
    for one, image in ((blue, "side:1"), (green, "side:2")):
        one["spec"]["template"]["spec"]["containers"].append({"name": "side", "image": image})
    assert [one.path for one in differences(blue, green, "app")] == ["containers[side].image"]


def test_a_restart_by_hand_is_no_difference() -> None:
    notes = {"kubectl.kubernetes.io/restartedAt": "2027"}
    assert differences(*pair(lambda template: template["metadata"].update(annotations=notes)), "app") == []


def test_labels_that_only_one_has() -> None:
    blue, green = pair(lambda template: template["metadata"]["labels"].update(team="x"))
    blue["spec"]["template"]["metadata"]["labels"]["traffic"] = "shared"
    assert lone_labels(blue, green) == (["traffic"], ["team"])


FIELDS = st.dictionaries(st.sampled_from(["env", "args", "resources", "command"]), st.integers(), max_size=4)
SPECS = st.dictionaries(st.sampled_from(["volumes", "dnsPolicy", "hostNetwork"]), st.integers(), max_size=3)


@given(FIELDS, FIELDS, SPECS, SPECS)
def test_a_copy_has_no_differences_and_keeps_image_and_labels(mine: Obj, theirs: Obj, one: Obj, other: Obj) -> None:
    blue, green = deployment("blue", 3, **one), deployment("green", 0, NEW, **other)
    app(blue["spec"]["template"]).update(mine)
    app(green["spec"]["template"]).update(theirs)
    made = copy.deepcopy(green)
    made["spec"]["template"] = copied(green, differences(blue, green, "app"))
    assert differences(blue, made, "app") == []
    assert app(made["spec"]["template"])["image"] == NEW
