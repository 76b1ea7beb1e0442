# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from math import log

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.blocks import Block
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.sequential import (
    Margins,
    ratio_question,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.trial import LEARNT, Trial

STEADY = [{"stable-1": Events(10 + n % 3, 1000), "stable-2": Events(11 - n % 3, 1000)} for n in range(120)]


def block(at: float, bad: float, total: float, theirs: float = 20, every: float = 2000) -> Block:
    halves = {pod: Events(theirs / 2, every / 2) for pod in ("stable-1", "stable-2")}
    return Block(at, {"canary-1": Events(bad, total)}, halves)


def trial(*blocks: Block, history: object = STEADY) -> Trial:
    found = Trial(ratio_question(Margins()), history)  # type: ignore[arg-type]
    for one in blocks:
        found.add(one)
    return found


def test_with_history_it_is_the_mixture_alone() -> None:
    found = trial(block(15, 12, 200), block(30, 9, 200))
    assert found.dispersion is not None
    assert found.reservation == ""
    assert found.log_e_rollback == found.question.rollback.mixture.log_e > log(100)
    assert found.arms.canary == Events(21, 400)


def test_without_history_it_needs_minutes_and_says_so() -> None:
    """Six differences at least, since no fewer can reach 100 to 1."""
    blocks = [block(15 * n, 10 + n % 2, 200) for n in range(1, 41)]
    found = trial(*blocks[:17], history=())
    assert found.dispersion is None
    assert "too few bad events before it to know" in found.reservation
    assert found.log_e_rollback < log(100)
    found = trial(*blocks, history=())
    assert found.log_e_rollback > log(100)
    assert found.dispersion is not None
    assert "of late also by 5 min of 2 pods of the baseline" in found.reservation


def test_what_is_learnt_on_the_way_is_used_from_there_on_only() -> None:
    blocks = [block(60 * n, 10, 200) for n in range(1, 7)]
    found = trial(*blocks, history=())
    assert found.dispersion is not None
    assert found.question.rollback.mixture.log_e == 0.0
    found.add(block(60 * 7, 10, 200))
    assert found.question.rollback.mixture.log_e > 0.0


def test_needed_is_for_both_tests_where_two_go_along() -> None:
    """Of two the mixture must win twice as much, since the other one may have lost all."""
    gains = [0.001] * 12
    alone, both = trial(), trial(*(block(60 * n, 10, 200) for n in range(1, 7)), history=())
    assert alone.dispersion is not None
    assert both.dispersion is not None
    assert alone.needed(gains) == pytest.approx(1000 * log(20) * alone.dispersion.value, rel=0.01)
    assert both.needed(gains) == pytest.approx(1000 * log(40) * both.dispersion.value, rel=0.01)
    assert alone.needed([]) is None
    assert trial(history=()).needed(gains) is None


def test_a_baseline_without_failures_never_shows_its_dispersion_and_memory_stays_flat() -> None:
    found = trial(*(block(60 * n, 0, 200, theirs=0) for n in range(LEARNT + 20)), history=())
    assert found.dispersion is None
    assert len(found._seen) == LEARNT
    assert found.log_e_promote <= 0.0


def test_minutes_in_which_an_arm_was_silent_say_nothing() -> None:
    found = trial(*(block(60 * n, 0, 0) for n in range(10)), history=())
    assert found.log_e_rollback == pytest.approx(0.0)


def test_the_peak_is_what_counts() -> None:
    found = trial(block(15, 30, 200), *(block(15 * n, 0, 200) for n in range(2, 40)))
    assert found.peak_rollback > log(100) > found.log_e_rollback
