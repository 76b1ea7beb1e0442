# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kayenta's seven cases of the Mann-Whitney test, and the same numbers by brute force and from SciPy."""

from __future__ import annotations

from statistics import NormalDist

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.mannwhitney import (
    Tied,
    shift,
    wins,
    z_score,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.gate.kayenta.samples import pair

NUMBERS = st.lists(st.integers(-20, 20).map(lambda n: n / 4), min_size=1, max_size=12)


@pytest.mark.parametrize(("by", "expected"), [(0, -1.229416), (5, -35.80606)])
def test_score_of_a_shift(by: float, expected: float) -> None:
    canary, baseline = pair("around 1/30")
    found = z_score(canary, sorted(baseline), by)
    assert float(f"{found:.7g}") == expected  # all the digits that the case states


def test_quantile_of_98_percent() -> None:
    assert round(NormalDist().inv_cdf(0.02 / 2), 6) == -2.326348


@pytest.mark.parametrize(
    ("canary", "baseline", "confidence", "low", "high", "estimate", "within"),
    [
        pytest.param([10, 20, 30, 40], [1, 2, 3, 4], 0.95, 6.0, 39.0, 22.5, 1e-9, id="estimate and interval"),
        pytest.param(
            *pair("around 1/30"),
            0.98,
            -1.4808028936386108e-05,
            1.808255910873413e-05,
            1.808255910873413e-05,
            1e-9,
            id="problem case",
        ),
        pytest.param(
            *pair("halves"),
            0.95,
            -0.500002521696696,
            -3.486287505871302e-05,
            -0.4999393907180323,
            1e-4,  # as in the case: R begins its search for the estimate elsewhere
            id="as R has it",
        ),
        pytest.param(
            *pair("many halves"),
            0.98,
            -0.4999173250549087,
            -6.912685789769486e-06,
            -3.45044082729315e-05,
            1e-4,
            id="as R has it, large",
        ),
        pytest.param(
            *pair("often 0"),
            0.95,
            3.521755377702165e-05,
            2.02456461662334e-05,
            2.6279243045155653e-05,
            1e-9,
            id="intermediate values",
        ),
    ],
)
def test_interval_and_estimate(
    canary: list[float],
    baseline: list[float],
    confidence: float,
    low: float,
    high: float,
    estimate: float,
    within: float,
) -> None:
    found = shift(canary, baseline, confidence)
    assert found.low == pytest.approx(low, abs=1e-9)
    assert found.high == pytest.approx(high, abs=1e-9)
    assert found.estimate == pytest.approx(estimate, abs=within)


@pytest.mark.parametrize(
    ("quantile", "z", "at_least_shift", "at_most_shift"),
    [
        (0.025, 1.9599639845400536, 17.090968923762254, -20.997687930433106),
        (0.975, -1.9599639845400536, 21.01089689284236, -17.077759961353),
    ],
)
def test_scores_at_the_ends_of_the_search(
    quantile: float, z: float, at_least_shift: float, at_most_shift: float
) -> None:
    canary, baseline = pair("often 0")
    least, most = min(canary) - max(baseline), max(canary) - min(baseline)
    assert (least, most) == pytest.approx((-3.124999999999986, 5.555555555555557), abs=1e-9)
    assert -NormalDist().inv_cdf(quantile) == pytest.approx(z, abs=1e-9)
    assert z_score(canary, sorted(baseline), least) - z == pytest.approx(at_least_shift, abs=1e-9)
    assert z_score(canary, sorted(baseline), most) - z == pytest.approx(at_most_shift, abs=1e-9)


@given(NUMBERS, NUMBERS)
def test_wins_are_those_of_all_pairs(x: list[float], y: list[float]) -> None:
    assert wins(x, sorted(y)) == sum((a > b) + (a == b) / 2 for a in x for b in y)


@settings(deadline=None)  # the first run imports SciPy
@given(NUMBERS, NUMBERS)
def test_score_is_that_of_scipy(x: list[float], y: list[float]) -> None:
    stats = pytest.importorskip("scipy.stats")
    if len({*x, *y}) == 1:
        with pytest.raises(Tied):
            z_score(x, sorted(y), 0.0)
        return
    expected = stats.mannwhitneyu(x, y, method="asymptotic", use_continuity=True, alternative="two-sided").pvalue
    assert min(1.0, 2 * NormalDist().cdf(-abs(z_score(x, sorted(y), 0.0)))) == pytest.approx(expected, abs=1e-9)


@given(NUMBERS, NUMBERS, st.integers(-10, 10))
def test_moving_a_sample_moves_the_interval(x: list[float], y: list[float], by: int) -> None:
    if len({*x}) == len({*y}) == 1:
        with pytest.raises(Tied):
            shift(x[:1], y[:1], 0.98)
        return
    before, after = shift(x, y, 0.98), shift([value + by for value in x], y, 0.98)
    assert before.low - 1e-4 <= before.estimate <= before.high + 1e-4
    for was, now in ((before.low, after.low), (before.high, after.high), (before.estimate, after.estimate)):
        assert now == pytest.approx(was + by, abs=1e-3)
