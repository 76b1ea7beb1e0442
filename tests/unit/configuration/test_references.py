# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""${NAME} in a configuration."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.document import Layer, parse
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.references import (
    bad_names,
    fill,
    in_clear,
    names_in,
    places_of,
)
from hypothesis import given
from hypothesis import strategies as st


def test_names_and_where_they_stand() -> None:
    document, _none = parse([Layer("p.yml", "db:\n  url: x${A}y${B}\nlist:\n  - ${A}\nn: 1\n")])
    assert names_in(document.data) == ["A", "B"]
    assert places_of(document) == {
        "A": ["p.yml, line 2, db.url", "p.yml, line 4, list[0]"],
        "B": ["p.yml, line 2, db.url"],
    }


def test_known_names_are_filled_and_others_left() -> None:
    data = {"a": "${A}-${B}", "b": ["${A}", 1], "c": None}
    assert fill(data, {"A": "1"}) == {"a": "1-${B}", "b": ["1", 1], "c": None}


@given(st.text("ab$\\{}1", max_size=12))
def test_a_value_is_put_in_as_it_is(value: str) -> None:
    assert fill("<${A}>", {"A": value}) == f"<{value}>"


def test_a_name_that_is_none() -> None:
    document, _none = parse([Layer("p.yml", "a: ${A-B}\nb: ${}\nc: ${OK_1}\n")])
    assert [problem.field for problem in bad_names(document)] == ["p.yml, line 1, a", "p.yml, line 2, b"]


@pytest.mark.parametrize(
    "text",
    [
        "password: hunter2",
        "db: {api_key: hunter2}",
        "auth: {token: [hunter2]}",
        "url: postgres://u:hunter2@h/d",
        "url: postgres://${USER}:hunter2@h/d",
    ],
)
def test_a_secret_in_clear_is_found_and_not_repeated(text: str) -> None:
    document, _none = parse([Layer("p.yml", text)])
    problems = in_clear(document)
    assert len(problems) == 1
    assert "hunter2" not in problems[0].text()


@pytest.mark.parametrize(
    "text",
    ["password: ${P}", "url: sqlite:///dev.db", "url: postgres://u@h/d", "token: ''", "a: http://[x", "a: 5", "key: k"],
)
def test_what_is_no_secret(text: str) -> None:
    document, _none = parse([Layer("p.yml", text)])
    assert in_clear(document) == []
