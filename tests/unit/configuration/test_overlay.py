# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A patch laid on a template, and taken off it."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.configuration.bundle import LABEL_HASH, Bundle
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.options import Mounting
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.overlay import (
    laid_on,
    released,
    stripped,
)
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.template import VOLUME, forward
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.configuration import builders
from tests.unit.store import Obj

OWN = {"name": "VERSION", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['version']"}}}


def template(**container: Any) -> Obj:
    return {**builders.template(**container), "metadata": {"labels": {"app": "shop"}}}


def bundle(digest: str, *variables: str, mount: str = "/app/config") -> Bundle:
    keys = dict.fromkeys(variables, "public")
    return Bundle("shop", digest, "c", Mounting(mount=mount), {"config.yaml": ""}, {}, keys)


def patch(digest: str, *variables: str, **mounting: str) -> dict[str, Any]:
    return forward(bundle(digest, *variables, **mounting), [template()])


def test_what_a_configuration_sets_is_on_the_template() -> None:
    made = laid_on(template(env=[OWN]), patch("new", "API_PORT"), "app")
    (container,) = made["spec"]["containers"]
    assert container["env"] == [
        OWN,
        {"name": "API_PORT", "valueFrom": {"configMapKeyRef": {"name": "shop-config-new", "key": "API_PORT"}}},
    ]
    assert container["volumeMounts"][0]["mountPath"] == "/app/config"
    assert made["spec"]["volumes"][0]["configMap"]["name"] == "shop-config-new"
    assert made["metadata"]["annotations"] == {LABEL_HASH: "new"}
    assert "secret" not in made["spec"]["volumes"][0]


def test_two_configurations_are_no_difference() -> None:
    """What the API server has filled in, such as defaultMode, is taken off with the rest."""
    old = laid_on(template(env=[OWN]), patch("old", "API_PORT", "GONE"), "app")
    old["spec"]["volumes"][0]["configMap"]["defaultMode"] = 420
    new = forward(bundle("new", "API_PORT"), [old])
    assert stripped(old, new, "app") == stripped(template(env=[OWN]), new, "app") == template(env=[OWN])


def test_what_is_removed_is_not_there_afterwards() -> None:
    old = laid_on(template(), patch("old", "GONE"), "app")
    new = forward(bundle("new", mount=""), [old])
    assert "env" not in laid_on(old, new, "app")["spec"]["containers"][0]
    assert "env" not in stripped(old, new, "app")["spec"]["containers"][0]


def test_fields_of_all_sorts() -> None:
    there = template(resources={"limits": {"cpu": "1"}}, args=["a"])
    there["spec"]["nodeSelector"] = {"disk": "ssd"}
    change = {
        "metadata": {"annotations": {"team": None}},
        "spec": {
            "nodeSelector": {"disk": None},
            "containers": [{"name": "", "args": ["b"], "resources": {"limits": {"cpu": "2"}}}, {"name": "side"}],
        },
    }
    made = laid_on(there, change, "app")
    assert made["spec"]["containers"][0]["args"] == ["b"]
    assert made["spec"]["containers"][0]["resources"] == {"limits": {"cpu": "2"}}
    assert made["spec"]["containers"][1] == {"name": "side"}
    assert "nodeSelector" not in made["spec"]
    assert "annotations" not in made["metadata"]
    bare = stripped(there, change, "app")
    assert bare["spec"] == {"containers": [{"name": "app", "image": "shop:1"}]}
    assert stripped(there, {"spec": {"dnsPolicy": "None"}}, "app") == there


def test_a_release_is_the_patch_with_the_image_in_it() -> None:
    assert released({}, "app", "shop:2") == {"spec": {"containers": [{"name": "app", "image": "shop:2"}]}}
    sides = {"metadata": {}, "spec": {"containers": [{"name": "side"}, {"name": "", "env": []}], "volumes": []}}
    assert released(sides, "app", "shop:2") == {
        "metadata": {},
        "spec": {"containers": [{"name": "app", "env": [], "image": "shop:2"}, {"name": "side"}], "volumes": []},
    }


NAMES = st.lists(st.sampled_from(["A", "B", "C"]), unique=True)


@given(NAMES, NAMES, st.booleans())
def test_what_is_laid_on_comes_off_again(before: list[str], after: list[str], mounted: bool) -> None:
    mount = "/app/config" if mounted else ""
    there: Obj = laid_on(template(env=[OWN]), forward(bundle("old", *before, mount=mount), []), "app")
    kept = copy.deepcopy(there)
    change = forward(bundle("new", *after, mount=mount), [there])
    made = laid_on(stripped(there, change, "app"), change, "app")
    assert {one["name"] for one in made["spec"]["containers"][0]["env"]} == {"VERSION", *after}
    assert ([one["name"] for one in made["spec"].get("volumes", [])] == [VOLUME]) == mounted
    assert stripped(made, change, "app") == stripped(there, change, "app")
    assert there == kept
