# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a gate notes in the ledger."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import CONFIG_MAP, Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.marks import Marks
from ansible_collections.slipway.rollout.plugins.module_utils.gate.pause import Answer
from ansible_collections.slipway.rollout.plugins.module_utils.gate.verdict import GateResult
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.entry import Entry
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.ledger import Book, Ledger
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.names import Names

from tests.unit.store import Store

LOCK = {"namespace": "shops", "app": "shop", "environment": "", "holder": "ann@ops run 1 shop"}
PASSED = GateResult(Verdict.PASS, "errors: 0 of 40", (), 12, 3.04, evidence_since=1000.0, evidence_config="abc")


def no_cluster() -> Cluster:
    raise AssertionError("nothing is to be asked")


@pytest.mark.parametrize("params", [{}, {"stage": "10 %"}, {"stage": "10 %", "lock": {}}, {"stage": "", "lock": LOCK}])
def test_without_a_rollout_nothing_is_noted(params: dict[str, object]) -> None:
    marks = Marks.of(params, no_cluster)
    marks.begun()
    assert marks.judged(PASSED) == ""


def test_a_stage_is_noted_before_and_after() -> None:
    store = Store()
    ledger = Ledger(store.cluster(), Names("shops", "shop"))
    ledger.write(lambda book: Book(Entry("canary"), book.history))
    marks = Marks.of({"stage": "10 %", "lock": LOCK}, store.cluster)
    marks.begun()
    entry = ledger.read().open
    assert entry is not None
    assert (entry.phase, entry.stage, entry.evidence) == ("judging", "10 %", ())
    assert marks.judged(PASSED) == ""
    entry = ledger.read().open
    assert entry is not None
    assert entry.evidence == (
        {
            "stage": "10 %",
            "verdict": "pass",
            "reason": "errors: 0 of 40",
            "seconds": 3.0,
            "looks": 12,
            "evidence_since": 1000.0,
            "evidence_config": "abc",
        },
    )


def test_a_ledger_that_cannot_be_written_does_not_change_the_verdict() -> None:
    store = Store()
    store.failures[CONFIG_MAP.path("shops", "slipway-shop")] = [500]
    told = Marks.of({"stage": "10 %", "lock": LOCK}, store.cluster).judged(PASSED)
    assert told.startswith("The ledger does not know how the stage 10 % went")


def test_a_question_is_asked_and_answered_in_the_ledger() -> None:
    store = Store()
    ledger = Ledger(store.cluster(), Names("shops", "shop"))
    ledger.write(lambda book: Book(Entry("canary"), book.history))
    marks = Marks.of({"stage": "10 %", "lock": LOCK}, store.cluster)
    assert "playbooks/answer.yml -e slipway_answer=pass" in marks.paused("too little traffic")
    assert marks.answer() is None
    ledger.update(lambda entry: entry.answered({"passes": True, "by": "bob", "why": "known"}))
    assert marks.answer() == Answer(True, "bob", "known")
    marks.judged(PASSED)
    entry = ledger.read().open
    assert entry is not None
    assert (entry.question, entry.answer, entry.notes) == ("", {}, ("bob has said that it passes: known",))


def test_what_was_said_while_nobody_watched_counts() -> None:
    store = Store()
    ledger = Ledger(store.cluster(), Names("shops", "shop"))
    ledger.write(lambda book: Book(Entry("canary"), book.history))
    before, after = (
        Marks.of({"stage": "10 %", "lock": LOCK, "on_pause": what}, store.cluster) for what in ("return", "resume")
    )
    before.paused("too little traffic")
    assert before.judged(replace(PASSED, paused=True)) == ""
    entry = ledger.read().open
    assert entry is not None
    assert (entry.question, entry.evidence) == ("too little traffic", ())
    ledger.update(lambda entry: entry.answered({"passes": True, "by": "bob", "why": "known"}))
    after.paused("still too little")
    assert after.answer() == Answer(True, "bob", "known")


def test_nobody_can_be_asked_without_a_ledger() -> None:
    assert Marks("", None).paused("so") == "Nobody can be asked, since it belongs to no rollout."
    assert Marks("", None).answer() is None
    store = Store()
    store.failures[CONFIG_MAP.path("shops", "slipway-shop")] = [500, 500]
    marks = Marks.of({"stage": "10 %", "lock": LOCK}, store.cluster)
    assert marks.paused("so").startswith("Nobody can be asked: ")
    assert marks.answer() is None
