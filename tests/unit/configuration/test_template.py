# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pods need, and the way back."""

from __future__ import annotations

from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.configuration.bundle import LABEL_HASH, Bundle
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.options import Mounting
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.template import (
    VOLUME,
    backward,
    container_of,
    forward,
    problems_of,
    used_by,
)

from tests.unit.configuration.builders import template

NONE = {"configMapKeyRef": None, "secretKeyRef": None, "fieldRef": None, "resourceFieldRef": None}


def bundle(**mounting: Any) -> Bundle:
    keys = {"API_WORKERS": "public", "DATABASE_URL": "secret"}
    return Bundle("shop", "new", "c", Mounting(**mounting), {"config.yaml": ""}, {"DATABASE_URL": "x"}, keys)


def reference(name: str, key: str, kind: str = "configMapKeyRef") -> dict[str, Any]:
    return {"name": key, "valueFrom": {kind: {"name": name, "key": key}}}


def test_everything_refers_to_the_hashed_name() -> None:
    patch = forward(bundle(), [template()])
    assert patch["metadata"]["annotations"] == {LABEL_HASH: "new"}
    container = patch["spec"]["containers"][0]
    assert container["name"] == "app"
    assert container["env"][0] == {
        "name": "API_WORKERS",
        "value": None,
        "valueFrom": {**NONE, "configMapKeyRef": {"name": "shop-config-new", "key": "API_WORKERS"}},
    }
    assert container["env"][1]["valueFrom"]["secretKeyRef"]["name"] == "shop-config-new"
    assert container["volumeMounts"] == [{"name": VOLUME, "mountPath": "/app/config", "readOnly": True}]
    assert patch["spec"]["volumes"][0]["configMap"]["items"] == [{"key": "config.yaml", "path": "config.yaml"}]


def test_a_file_with_values_comes_from_the_secret() -> None:
    made = Bundle("shop", "new", "c", Mounting(), {}, {"config.yaml": "x"})
    volume = forward(made, [])["spec"]["volumes"][0]
    assert volume["configMap"] is None
    assert volume["secret"]["secretName"] == "shop-config-new"


def test_nothing_is_mounted_without_a_folder() -> None:
    patch = forward(bundle(mount=""), [])
    for one in (patch, backward(patch, template())):
        assert "volumes" not in one["spec"]
        assert "volumeMounts" not in one["spec"]["containers"][0]


def test_variables_of_the_former_configuration_that_are_gone_are_removed() -> None:
    old = template(env=[reference("shop-config-old", "GONE"), reference("shop-config-old", "API_WORKERS")])
    assert forward(bundle(), [old, template()])["spec"]["containers"][0]["env"][-1] == {
        "name": "GONE",
        "$patch": "delete",
    }


def test_the_way_back_from_nothing_removes_all() -> None:
    back = backward(forward(bundle(), [template()]), template())
    container = {
        "name": "app",
        "env": [{"name": "API_WORKERS", "$patch": "delete"}, {"name": "DATABASE_URL", "$patch": "delete"}],
        "volumeMounts": [{"mountPath": "/app/config", "$patch": "delete"}],
    }
    assert back == {
        "metadata": {"annotations": {LABEL_HASH: None}},
        "spec": {"containers": [container], "volumes": [{"name": VOLUME, "$patch": "delete"}]},
    }


def test_the_way_back_to_a_former_configuration_and_to_what_people_have_set() -> None:
    old = template(
        env=[
            reference("shop-config-old", "API_WORKERS"),
            reference("shop-config-old", "GONE"),
            {"name": "DATABASE_URL", "value": "x"},
        ],
        volumeMounts=[{"name": "config", "mountPath": "/app/config"}],
    )
    old["metadata"]["annotations"] = {LABEL_HASH: "old"}
    old["spec"]["volumes"] = [{"name": VOLUME, "secret": {"secretName": "shop-config-old"}}]
    back = backward(forward(bundle(container="app"), [old]), old)
    assert back["metadata"]["annotations"] == {LABEL_HASH: "old"}
    assert back["spec"]["volumes"] == [{"name": VOLUME, "configMap": None, "secret": {"secretName": "shop-config-old"}}]
    container = back["spec"]["containers"][0]
    assert container["volumeMounts"] == [{"name": "config", "mountPath": "/app/config"}]
    env = {one["name"]: one for one in container["env"]}
    assert env["DATABASE_URL"] == {"name": "DATABASE_URL", "value": "x", "valueFrom": None}
    assert env["GONE"]["valueFrom"]["configMapKeyRef"] == {"name": "shop-config-old", "key": "GONE"}


def test_what_would_be_overwritten_silently_is_refused() -> None:
    taken = template(env=[{"name": "API_WORKERS", "value": "9"}, reference("shop-config-old", "DATABASE_URL")])
    problems = problems_of(bundle(), "Deployment shop-main", taken)
    assert [problem.found for problem in problems] == [
        "Deployment shop-main sets API_WORKERS itself, which the configuration would overwrite"
    ]
    assert problems_of(bundle(), "Deployment shop-main", template()) == []


def test_a_container_that_is_not_there() -> None:
    two = template()
    two["spec"]["containers"].append({"name": "proxy"})
    assert "has 2 containers; expected one of app, proxy" in problems_of(bundle(), "Deployment x", two)[0].text()
    assert "no container 'ap'" in problems_of(bundle(container="ap"), "Deployment x", two)[0].found
    assert container_of(two, "proxy") == {"name": "proxy"}
    assert container_of({}, "") is None
    assert used_by({}) == ""
