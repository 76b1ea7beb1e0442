# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a configuration."""

from __future__ import annotations

import base64
import json
from typing import Any

import yaml
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.bundle import COMMON_FILE, Bundle, make
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.document import Document, parse

from tests.unit.configuration.builders import SECRET_URL, TEXT, wish

VALUES = {"DATABASE_URL": SECRET_URL, "ORIGINS": "https://a"}


def bundle(
    text: str = TEXT, values: dict[str, str] | None = None, common: Document | None = None, **how: Any
) -> Bundle:
    wanted = wish(text, **how)
    made, problems = make(wanted, parse(wanted.layers)[0], common or Document(), VALUES if values is None else values)
    assert problems == []
    return made


def test_what_is_secret_is_in_the_secret_only() -> None:
    made = bundle()
    public = made.config_map("now")
    assert "hunter2" not in json.dumps(public) + repr(made)
    assert public["data"]["API_WORKERS"] == "4"
    assert yaml.safe_load(public["data"]["config.yaml"])["database"]["url"] == "${DATABASE_URL}"
    assert made.secret == {**VALUES, "SECURITY_ORIGINS": '["https://a", "https://b"]'}
    assert made.keys == {
        "API_WORKERS": "public",
        "DATABASE_URL": "secret",
        "ORIGINS": "secret",
        "SECURITY_ORIGINS": "secret",
    }


def test_the_secret_is_encoded_once_and_nothing_can_be_changed() -> None:
    made = bundle()
    secret = made.secret_object("now")
    assert base64.b64decode(secret["data"]["DATABASE_URL"]).decode() == SECRET_URL
    assert (secret["immutable"], made.config_map("now")["immutable"]) == (True, True)
    assert secret["metadata"]["name"] == made.config_map("now")["metadata"]["name"] == f"shop-config-{made.hash}"


def test_rendered_the_whole_file_is_secret() -> None:
    made = bundle(rendered=True)
    assert made.file_is_secret
    assert "config.yaml" not in made.public
    assert yaml.safe_load(made.secret["config.yaml"])["database"]["url"] == SECRET_URL
    assert not bundle("a: 1\n", rendered=True).file_is_secret


def test_the_name_changes_with_everything_that_pods_would_notice() -> None:
    names = {
        bundle().hash,
        bundle(TEXT + "x: 1\n").hash,
        bundle(values={**VALUES, "ORIGINS": "https://c"}).hash,
        bundle(mount="/etc/app").hash,
        bundle(variables=False).hash,
        bundle(namespace="others").hash,
    }
    assert len(names) == 6
    assert bundle().hash == bundle(TEXT.replace("workers: 4", "workers:   4 # four")).hash


def test_the_common_part_is_the_same_whatever_an_environment_adds() -> None:
    common = Document({"model": {"batch": 32}})
    one, two = bundle(common=common), bundle("a: 1\n", values={}, namespace="others", common=common)
    assert one.common == two.common != bundle().common
    assert one.public[COMMON_FILE] == "model:\n  batch: 32\n"
    assert COMMON_FILE not in one.keys


def test_without_variables_only_names_are_in_the_environment() -> None:
    assert bundle(variables=False).keys == {"DATABASE_URL": "secret", "ORIGINS": "secret"}
