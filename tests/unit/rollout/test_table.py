# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger as lines."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.rollout.entry import JUDGING, Entry
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.ledger import Book
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.table import table

ENTRY = Entry("blue_green", {"title": "shop:2"}, by="ann@ops", since="2026-01-01 12:00:00 UTC")


def test_an_empty_ledger_says_so() -> None:
    assert table(Book()) == ["No rollout is known here yet."]


def test_the_open_one_comes_first_and_the_lock_above() -> None:
    ended = ENTRY.closed("rolled_back", "errors: 9 of 10", "2026-01-01 12:05:00 UTC")
    lines = table(Book(ENTRY.reached(JUDGING, "25 %"), (ended,)), "ann@ops (x)")
    assert lines[0] == "Locked by ann@ops (x)"
    assert lines[1].split() == ["when", "strategy", "release", "outcome", "why"]
    assert lines[2].startswith("2026-01-01 12:00:00 UTC  blue-green  shop:2")
    assert lines[2].endswith("open         at 25 %, by ann@ops")
    assert lines[3].endswith("rolled back  errors: 9 of 10, by ann@ops")
