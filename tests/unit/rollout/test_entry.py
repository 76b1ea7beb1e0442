# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An entry of the ledger."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.rollout.entry import (
    JUDGING,
    LONGEST_TEXT,
    MOST_EVIDENCE,
    OPENED,
    Entry,
)

OPEN = Entry(
    strategy="canary",
    release={"title": "shop:2", "asked": "reg/shop:2", "image": "reg/shop@sha256:2"},
    by="ann@ops",
    since="2026-01-01 12:00:00 UTC",
    holder="ann@ops run 1 shop",
    former={"replicas": 3},
    undo={"module": "canary_weight"},
)


def test_it_comes_back_as_it_was_written() -> None:
    entry = OPEN.reached(JUDGING, "10 %", {"stage": "10 %", "verdict": "pass"})
    assert Entry.parse(entry.as_dict()) == entry


def test_a_step_adds_what_was_seen_and_keeps_the_rest() -> None:
    entry = OPEN.reached(JUDGING, "10 %").reached("", "", {"stage": "10 %"})
    assert (entry.phase, entry.stage, len(entry.evidence)) == (JUDGING, "10 %", 1)
    assert OPEN.phase == OPENED


def test_it_stays_small() -> None:
    entry = OPEN
    for number in range(50):
        entry = entry.reached(JUDGING, f"{number} %", {"stage": f"{number} %", "reason": "x" * 5000})
    assert len(entry.evidence) == MOST_EVIDENCE
    assert entry.evidence[-1] == {"stage": "49 %", "reason": "x" * LONGEST_TEXT}
    assert len(entry.closed("released", "y" * 5000, "now").reason) == LONGEST_TEXT


def test_an_ended_one_keeps_what_people_ask_for() -> None:
    ended = OPEN.closed("rolled_back", "errors", "2026-01-01 12:05:00 UTC").as_dict()
    assert {"former", "undo", "holder", "phase"}.isdisjoint(ended)
    assert ended["outcome"] == "rolled_back"


def test_what_a_newer_version_added_is_left_out() -> None:
    assert Entry.parse({"strategy": "canary", "colour": "green"}) == Entry("canary")


def test_it_is_described_for_people() -> None:
    assert OPEN.reached(JUDGING, "25 %").describe() == (
        "canary of shop:2, at 25 %, since 2026-01-01 12:00:00 UTC by ann@ops"
    )
    assert Entry("rolling", {"image": "reg/shop@sha256:2"}).title() == "reg/shop@sha256:2"
    assert Entry("rollback").title() == "a release"
