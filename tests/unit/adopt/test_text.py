# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import yaml
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.text import Entry, assignment, flow, render
from hypothesis import given
from hypothesis import strategies as st


def test_a_file() -> None:
    text = render(
        "shop: what it is.",
        [
            Entry("a", "x"),
            Entry("b", {"c": 1}, ("a note",)),
            Entry("d", None, (), ("What is it?",), ["y"]),
            Entry("e"),
            Entry("f", [{"g": 'h{$canary,le="1"}'}, {"i": True}]),
        ],
    )
    assert text.splitlines() == [
        "---",
        "# shop: what it is.",
        "a: x",
        "",
        "# a note",
        "b: {c: 1}",
        "",
        "# ? What is it?",
        "# d: [y]",
        "f:",
        "  - {g: 'h{$canary,le=\"1\"}'}",
        "  - {i: true}",
    ]


def test_long_lines_are_broken() -> None:
    value = {"backends": {"stable": {"service": "s" * 60}, "canary": {"service": "c" * 60}}, "kind": "x"}
    lines = assignment("route", value)
    assert lines[0] == "route:"
    assert yaml.safe_load("\n".join(lines)) == {"route": value}
    long = Entry("x", None, (), ("word " * 60,)).lines()
    assert all(len(line) <= 118 for line in long)
    assert all(line.startswith("# ") for line in long)
    assert [line[:4] for line in long] == ["# ? ", "#   ", "#   "]


# What names, labels and queries are made of.
TEXT = st.text(st.characters(codec="latin-1", exclude_categories=["Cc", "Cf", "Zl", "Zp"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_written_is_what_is_read(value: Any) -> None:
    assert "\n" not in flow(value)
    assert yaml.safe_load(flow(value)) == value


@given(st.lists(st.dictionaries(TEXT, VALUES, max_size=3), min_size=1, max_size=3))
def test_lists_of_mappings_too(value: list[dict[str, Any]]) -> None:
    assert yaml.safe_load("\n".join(assignment("x", value))) == {"x": value}
