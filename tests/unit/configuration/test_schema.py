# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Complaints of a schema, in words."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import ClusterError
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.document import Layer, parse
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.schema import check

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["api"],
    "properties": {
        "api": {
            "type": "object",
            "required": ["port"],
            "properties": {
                "port": {"type": "integer", "minimum": 1},
                "workers": {"type": ["integer", "null"]},
                "level": {"enum": ["DEBUG", "INFO"]},
                "origins": {
                    "anyOf": [{"type": "array"}, {"type": "string", "description": "${NAME}", "pattern": "^x"}]
                },
                "odd": {"oneOf": [{"minimum": 1}, {"maximum": 0}]},
                "list": {"type": "array", "uniqueItems": True},
            },
        },
    },
}


def complaints(text: str, schema: dict[str, Any] | None = None) -> list[str]:
    document, problems = parse([Layer("p.yml", text)])
    assert problems == []
    return [problem.text() for problem in check(document, schema or SCHEMA)]


def test_nothing_to_complain_about() -> None:
    assert complaints("api: {port: 1, workers: null, origins: [], level: INFO}\n") == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("api:\n  port: many\n", 'p.yml, line 2, api.port: a text, "many"; expected a whole number.'),
        ("api:\n  port: true\n", "p.yml, line 2, api.port: true or false; expected a whole number."),
        ("api:\n  port: 0\n", "p.yml, line 2, api.port: a whole number, 0; expected at least 1."),
        ("api:\n  workers: 1\n", "p.yml, line 1, api.port: the key is missing. Add it."),
        ("{}\n", "p.yml, line 1, api: the key is missing. Add it."),
        ("api: {port: 1}\nap: 1\n", "p.yml, line 2, ap: there is no such key; expected api. Did you mean api?"),
        ("api: {port: 1}\nzzz: 1\n", "p.yml, line 2, zzz: there is no such key; expected api. Remove it, or add it"),
        ("api: {port: 1, level: LOUD}\n", 'p.yml, line 1, api.level: a text, "LOUD"; expected one of DEBUG, INFO.'),
        ("api: {port: 1, origins: 5}\n", "p.yml, line 1, api.origins: a whole number, 5; expected a list or ${NAME}."),
        ("api: {port: 1, odd: 0.5}\n", "p.yml, line 1, api.odd: a number, 0.5; expected what oneOf"),
        ("api: {port: 1, workers: {}}\n", "api.workers: a mapping, {}; expected a whole number or nothing."),
        ("api: {port: null}\n", "p.yml, line 1, api.port: nothing; expected a whole number."),
        ("api: {port: 1, list: [1, 1]}\n", "p.yml, line 1, api.list: a list, [1, 1]; expected uniqueItems True."),
        (f"api: {{port: {'x' * 99}}}\n", "p.yml, line 1, api.port: a text; expected a whole number."),
    ],
)
def test_each_names_file_line_and_key(text: str, told: str) -> None:
    found = complaints(text)
    assert len(found) == 1, found
    assert told in found[0]


def test_all_are_told_in_the_order_of_the_lines() -> None:
    found = complaints("api:\n  workers: x\n  port: y\n  level: z\n")
    assert [one.split(", api.")[0] for one in found] == ["p.yml, line 2", "p.yml, line 3", "p.yml, line 4"]


def test_a_wrong_schema_is_told_as_such() -> None:
    with pytest.raises(ClusterError, match=r"wrong at type: 'whole'"):
        complaints("a: 1\n", {"type": "whole"})


def test_a_missing_library_is_told_with_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(f"No module named '{name}'")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ClusterError, match="pip install jsonschema"):
        complaints("a: 1\n")
