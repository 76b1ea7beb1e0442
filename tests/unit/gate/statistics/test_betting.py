# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from itertools import product
from math import exp, inf, log

import numpy as np
import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.betting import (
    BETS,
    BettingProcess,
    bets,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.scores import Histogram, learn
from hypothesis import given
from hypothesis import strategies as st

LEARNT = {0.1: 60.0, 0.2: 30.0, 0.5: 9.0, inf: 1.0}
BOUNDS = (0.1, 0.2, 0.5, inf)
COUNTS = st.lists(st.integers(0, 200), min_size=4, max_size=4)


def histogram(counts: list[int]) -> Histogram:
    return {bound: float(count) for bound, count in zip(BOUNDS, counts, strict=True)}


def process(max_ratio: float = 1.0) -> BettingProcess:
    return BettingProcess.of(learn(LEARNT), max_ratio)


def log_e(max_ratio: float, *scrapes: tuple[Histogram, Histogram], dispersion: float = 1.0) -> float:
    found = process(max_ratio)
    for canary, baseline in scrapes:
        found.add(canary, baseline, [dispersion] * len(found.scores))
    return found.mixture.log_e


@given(st.floats(0.01, 50), st.floats(1, 1e4), st.floats(1, 1e4), st.floats(0.001, 0.999), st.floats(0, 0.5))
def test_the_stakes_balance_and_no_factor_is_lost(
    size: float, mine: float, theirs: float, mean: float, margin: float
) -> None:
    margin = min(margin, 1 - mean)
    ours, against = bets(size, mine, theirs, mean, margin)
    assert ours * mine == pytest.approx(against * theirs)
    assert 1 - ours * (mean + margin) > 0
    assert 1 - against * (1 - mean) > 0


@given(COUNTS, COUNTS)
def test_is_the_product_over_single_requests(canary: list[int], baseline: list[int]) -> None:
    if not sum(canary) or not sum(baseline):
        return
    expected = []
    for score in learn(LEARNT):
        for bet in BETS:
            margin = 0.1 * score.mean
            ours, against = bets(
                bet / score.deviation, sum(canary), sum(baseline), score.mean, min(margin, 1 - score.mean)
            )
            slow = np.repeat(score.values, canary)
            fast = np.repeat(score.values, baseline)
            logs = np.log(1 + ours * (slow - score.mean - min(margin, 1 - score.mean))).sum()
            expected.append(logs + np.log(1 - against * (fast - score.mean)).sum())
    top = max(expected)
    mean = top + log(sum(exp(one - top) for one in expected) / len(expected))
    assert log_e(1.1, (histogram(canary), histogram(baseline))) == pytest.approx(mean, abs=1e-9)


@pytest.mark.parametrize(("mine", "theirs"), [(1, 1), (1, 3), (3, 2)])
@pytest.mark.parametrize("shares", [(0.6, 0.3, 0.09, 0.01), (0.25, 0.25, 0.25, 0.25), (0.0, 0.1, 0.1, 0.8)])
def test_under_the_null_no_gain_is_expected(mine: int, theirs: int, shares: tuple[float, ...]) -> None:
    """Every outcome of so few requests, whatever their common distribution, also one that was not learnt."""
    total = 0.0
    for outcome in product(range(4), repeat=mine + theirs):
        chance = float(np.prod([shares[one] for one in outcome]))
        counts = [[part.count(place) for place in range(4)] for part in (outcome[:mine], outcome[mine:])]
        total += chance * exp(log_e(1.0, (histogram(counts[0]), histogram(counts[1]))))
    assert total <= 1 + 1e-12


def test_a_quicker_canary_is_expected_to_lose() -> None:
    assert log_e(1.0, (histogram([900, 90, 9, 1]), histogram([600, 300, 90, 10]))) < 0


def test_a_slower_canary_is_found_and_dispersion_takes_away() -> None:
    slower = (histogram([450, 350, 170, 30]), histogram([5400, 2700, 810, 90]))
    assert log_e(1.1, slower) > log(100)
    assert log_e(1.1, slower, dispersion=5.0) < log_e(1.1, slower)


@given(st.lists(st.tuples(COUNTS, COUNTS), max_size=5))
def test_an_empty_scrape_changes_nothing(scrapes: list[tuple[list[int], list[int]]]) -> None:
    given_ = [(histogram(canary), histogram(baseline)) for canary, baseline in scrapes]
    empty = (histogram([0, 0, 0, 0]), histogram([0, 0, 0, 0]))
    assert log_e(1.1, *given_) == log_e(1.1, *[one for scrape in given_ for one in (empty, scrape)])


@given(COUNTS, COUNTS, st.integers(2, 4))
def test_splitting_a_scrape_changes_nothing(canary: list[int], baseline: list[int], parts: int) -> None:
    whole = (histogram([one * parts for one in canary]), histogram([one * parts for one in baseline]))
    split = log_e(1.1, *[(histogram(canary), histogram(baseline))] * parts)
    assert log_e(1.1, whole) == pytest.approx(split, abs=1e-8)
