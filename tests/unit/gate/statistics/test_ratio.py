# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence about a ratio, against brute force: likelihoods by SciPy, expectations by counting every outcome."""

from __future__ import annotations

from math import exp, log

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.ratio import (
    PROMOTE_POINTS,
    ROLLBACK_GRID,
    Arms,
    RatioProcess,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

COUNTS = st.tuples(st.integers(0, 40), st.integers(0, 400))
SCRAPES = st.lists(st.tuples(COUNTS, COUNTS), max_size=12)
Counts = tuple[tuple[int, int], tuple[int, int]]


def arms(scrape: Counts) -> Arms:
    """From numbers of bad and of good requests, of the canary and of the baseline."""
    (bad, good), (other_bad, other_good) = scrape
    return Arms(Events(bad, bad + good), Events(other_bad, other_bad + other_good))


def log_e(process: RatioProcess, scrapes: list[Counts], dispersion: float = 1.0) -> float:
    for scrape in scrapes:
        process.add(arms(scrape), dispersion)
    return process.mixture.log_e


def test_is_the_likelihood_ratio_of_scipys_binomial() -> None:
    scrapes: list[Counts] = [((3, 97), (5, 895)), ((0, 50), (4, 446)), ((7, 200), (1, 300))]
    expected = 0.0
    for multiple in ROLLBACK_GRID:
        factor = 1.0
        for scrape in scrapes:
            canary, baseline = arms(scrape)
            pi = canary.total / (canary.total + baseline.total)
            null, alternative = (pi * r / (1 - pi + pi * r) for r in (1.25, 1.25 * multiple))
            bad = canary.bad + baseline.bad
            factor *= stats.binom.pmf(canary.bad, bad, alternative) / stats.binom.pmf(canary.bad, bad, null)
        expected += factor / len(ROLLBACK_GRID)
    assert log_e(RatioProcess.rollback(1.25), scrapes) == pytest.approx(log(expected), abs=1e-9)


def test_the_grids_are_on_their_side_of_the_bound() -> None:
    rollback, promote = RatioProcess.rollback(1.25), RatioProcess.promote(1.5)
    assert all(one > 1.25 for one in rollback.alternatives)
    assert len(promote.alternatives) == PROMOTE_POINTS
    assert promote.alternatives[0] == pytest.approx(0.25)
    assert promote.alternatives[-1] == pytest.approx(0.95 * 1.5)


def expectation(process: RatioProcess, canary: int, baseline: int, bad: float, ratio: float) -> float:
    """The mean of E over every outcome of one scrape of Bernoulli arms."""
    mine, theirs = stats.binom(canary, min(1.0, bad * ratio)), stats.binom(baseline, bad)
    start = list(process.mixture.logs)
    total = 0.0
    for x in range(canary + 1):
        for y in range(baseline + 1):
            process.mixture.logs = list(start)
            process.mixture.add([0.0] * len(start))
            process.add(Arms(Events(x, canary), Events(y, baseline)), 1.0)
            total += mine.pmf(x) * theirs.pmf(y) * exp(process.mixture.log_e)
    return total


@pytest.mark.parametrize("bad", [0.001, 0.05, 0.3, 0.6])
@pytest.mark.parametrize(("canary", "baseline"), [(1, 1), (3, 10), (10, 3), (8, 8)])
@pytest.mark.parametrize("bound", [1.0, 1.25, 1.6])
def test_under_the_null_no_gain_is_expected(bad: float, canary: int, baseline: int, bound: float) -> None:
    for ratio in (0.5, 0.9, 1.0):
        assert expectation(RatioProcess.rollback(bound), canary, baseline, bad, bound * ratio) <= 1 + 1e-12
    for ratio in (1.0, 1.2, 2.0):
        if bad * bound * ratio <= 1:
            assert expectation(RatioProcess.promote(bound), canary, baseline, bad, bound * ratio) <= 1 + 1e-12


@pytest.mark.parametrize("bad", [0.01, 0.2, 0.5])
@pytest.mark.parametrize("bound", [1.0, 1.25])
def test_nor_while_the_weight_and_the_base_rate_change(bad: float, bound: float) -> None:
    """Every outcome of two scrapes: the weight goes from a fifth to a half, the base rate rises by a half."""
    first, second = (2, 8), (4, 4)
    total = 0.0
    for one, probability in outcomes(*first, bad, bound):
        for other, chance in outcomes(*second, 1.5 * bad, bound):
            total += probability * chance * exp(log_e(RatioProcess.rollback(bound), [one, other]))
    assert total <= 1 + 1e-12


def outcomes(canary: int, baseline: int, bad: float, ratio: float) -> list[tuple[Counts, float]]:
    mine, theirs = stats.binom(canary, min(1.0, bad * ratio)).pmf, stats.binom(baseline, bad).pmf
    return [
        (((x, canary - x), (y, baseline - y)), float(mine(x) * theirs(y)))
        for x in range(canary + 1)
        for y in range(baseline + 1)
    ]


@pytest.mark.parametrize("expected", [0.5, 3.0])
@pytest.mark.parametrize("weight", [0.05, 0.5])
@pytest.mark.parametrize("bound", [1.0, 1.25, 2.0])
def test_of_poisson_arms_exactly_none_is_expected_at_the_bound(expected: float, weight: float, bound: float) -> None:
    """Whatever the number of bad events; and of evidence that is divided, less than none."""
    requests = 1e9
    mine = stats.poisson(expected * weight * bound).pmf(range(40))
    theirs = stats.poisson(expected * (1 - weight)).pmf(range(40))

    def mean(dispersion: float) -> float:
        found = 0.0
        for x in range(40):
            for y in range(40):
                process = RatioProcess.rollback(bound)
                arm = Arms(Events(x, requests * weight), Events(y, requests * (1 - weight)))
                process.add(arm, dispersion)
                found += float(mine[x] * theirs[y]) * exp(process.mixture.log_e)
        return found

    assert mean(1.0) == pytest.approx(1.0, abs=1e-9)
    assert mean(1.5) < 1.0


@given(SCRAPES)
def test_swapping_the_arms_turns_the_ratio_over(scrapes: list[Counts]) -> None:
    """E against 'at most 2' by bets of r is E of the exchanged arms against 'at least 1/2' by bets of 1/r."""
    forward, backward = RatioProcess.rollback(2.0), RatioProcess.rollback(2.0)
    backward.bound, backward.alternatives = 0.5, [1 / one for one in forward.alternatives]
    there = log_e(forward, scrapes)
    back = log_e(backward, [(baseline, canary) for canary, baseline in scrapes])
    assert there == pytest.approx(back, abs=1e-9)


@given(COUNTS, COUNTS, st.integers(2, 5))
def test_splitting_a_scrape_changes_nothing(canary: tuple[int, int], baseline: tuple[int, int], parts: int) -> None:
    """As long as the split of traffic is the same in each part."""
    whole = ((canary[0] * parts, canary[1] * parts), (baseline[0] * parts, baseline[1] * parts))
    for process in (lambda: RatioProcess.rollback(1.25), lambda: RatioProcess.promote(1.5)):
        assert log_e(process(), [whole]) == pytest.approx(log_e(process(), [(canary, baseline)] * parts), abs=1e-9)


@given(SCRAPES)
def test_an_empty_scrape_changes_nothing(scrapes: list[Counts]) -> None:
    empty: Counts = ((0, 0), (0, 0))
    with_empty = [one for scrape in scrapes for one in (empty, scrape)]
    assert log_e(RatioProcess.rollback(1.25), scrapes) == log_e(RatioProcess.rollback(1.25), with_empty)


def test_of_what_only_one_arm_has_nothing_is_learnt() -> None:
    assert log_e(RatioProcess.rollback(1.25), [((5, 5), (0, 0)), ((0, 0), (5, 5)), ((0, 9), (0, 9))]) == 0.0


@given(SCRAPES, st.floats(1.0, 20.0))
def test_dispersion_divides_what_each_bet_has_won(scrapes: list[Counts], dispersion: float) -> None:
    plain, divided = RatioProcess.rollback(1.25), RatioProcess.rollback(1.25)
    log_e(plain, scrapes)
    log_e(divided, scrapes, dispersion)
    assert divided.mixture.logs == pytest.approx([one / dispersion for one in plain.mixture.logs])


def test_evidence_is_carried_over_a_change_of_the_split() -> None:
    """10 % and then 50 %, at a base rate that triples: three times as bad is found, as bad is not."""
    worse: list[Counts] = [((3, 97), (9, 891)), ((60, 440), (20, 480))]
    same: list[Counts] = [((1, 99), (9, 891)), ((15, 485), (15, 485))]
    assert log_e(RatioProcess.rollback(1.25), worse) > log(100)
    assert log_e(RatioProcess.rollback(1.25), same) < 0
