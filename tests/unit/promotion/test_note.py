# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release went on, and its ledger says so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import ClusterError
from ansible_collections.slipway.rollout.plugins.module_utils.promotion.note import note
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.entry import Entry
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.ledger import Ledger

from tests.unit.promotion.builders import IMAGE, NAMES, PROVEN, environment

TEXT = "promoted to staging by ann"


def test_it_is_noted_once_whatever_else_is_rolled_out_there() -> None:
    newer = replace(PROVEN, release={"image": "other"})
    opened = Entry("canary", {"title": "shop:3"})
    store = environment(newer, PROVEN, opened=opened)
    assert note(store.cluster(), NAMES, IMAGE, TEXT, 0.0).changed
    assert not note(store.cluster(), NAMES, IMAGE, TEXT, 9.0).changed
    book = Ledger(store.cluster(), NAMES).read()
    assert (book.open, book.history[0]) == (opened, newer)
    assert book.history[1].notes == ("promoted to staging by ann, 1970-01-01 00:00:00 UTC",)


def test_no_more_than_ten_are_kept() -> None:
    store = environment()
    for number in range(12):
        note(store.cluster(), NAMES, IMAGE, f"{number:02}", 0.0)
    assert len(Ledger(store.cluster(), NAMES).read().history[0].notes) == 10


def test_check_mode_notes_nothing() -> None:
    store = environment()
    assert note(store.cluster(), NAMES, IMAGE, TEXT, 0.0, dry_run=True).changed
    assert Ledger(store.cluster(), NAMES).read().history[0].notes == ()


def test_a_release_that_the_ledger_has_forgotten() -> None:
    with pytest.raises(ClusterError, match="has no release"):
        note(environment().cluster(), NAMES, "other", TEXT, 0.0)
