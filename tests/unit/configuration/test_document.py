# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML that knows where each key stands."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.document import Layer, name_of, parse
from hypothesis import given, settings
from hypothesis import strategies as st

KEYS = st.text("abcxyz_", min_size=1, max_size=6)
TREES = st.recursive(
    st.integers() | st.booleans() | st.text("abc ${}", max_size=8) | st.lists(st.integers(), max_size=3),
    lambda below: st.dictionaries(KEYS, below, max_size=4),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(KEYS, TREES, max_size=4)


def dump(data: object) -> str:
    return yaml.safe_dump(data, sort_keys=False)


def test_every_key_knows_its_line() -> None:
    document, problems = parse([Layer("a.yml", "api:\n  port: 1\n  hosts:\n    - x\n    - y\n")])
    assert problems == []
    assert document.data == {"api": {"port": 1, "hosts": ["x", "y"]}}
    assert document.place(("api", "port")) == "a.yml, line 2"
    assert document.place(("api", "hosts", 1)) == "a.yml, line 5"
    assert document.place(("api", "missing", "deep")) == "a.yml, line 1"
    assert name_of(("api", "hosts", 1)) == "api.hosts[1]"


def test_later_layers_go_over_earlier_ones_key_by_key() -> None:
    document, problems = parse([Layer("a.yml", "api: {port: 1, host: x}\n"), Layer("b.yml", "\napi:\n  port: 2\n")])
    assert problems == []
    assert document.data == {"api": {"port": 2, "host": "x"}}
    assert document.place(("api", "port")) == "b.yml, line 3"
    assert document.place(("api", "host")) == "a.yml, line 1"


@settings(deadline=None)  # YAML takes its time on a busy machine
@given(DOCUMENTS, DOCUMENTS)
def test_a_layer_upon_another_has_all_its_own_leaves(lower: dict[str, object], upper: dict[str, object]) -> None:
    document, problems = parse([Layer("a", dump(lower)), Layer("b", dump(upper))])
    alone, _none = parse([Layer("b", dump(upper))])
    assert problems == []
    assert set(map(repr, alone.leaves())) <= set(map(repr, document.leaves()))
    assert all(document.place(path) for path, _value in document.leaves())


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        ("a: 1\nb: [\n", "f.yml, line 3", "not YAML"),
        ("- a\n", "f.yml, line 1", "no mapping"),
        ("a: 1\nb: 2\na: 3\n", "f.yml, line 3, a", "there twice; the first time: f.yml, line 1"),
        ("a:\n  1: x\n", "f.yml, line 2, a.1", "no text"),
        ("a: \x07\n", "f.yml", "not YAML"),
        ("a: 2020-99-99\n", "f.yml", "not YAML"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text: str, where: str, found: str) -> None:
    document, problems = parse([Layer("f.yml", text)])
    assert document.data == {}
    assert [problem.field for problem in problems] == [where]
    assert found in problems[0].found


def test_an_empty_file_is_an_empty_configuration() -> None:
    assert parse([Layer("f.yml", "# nothing yet\n")]) == parse([])
    assert parse([])[0].place(("a",)) == ""
