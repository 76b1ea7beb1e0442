# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.assessment import Errors
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.dispersion import (
    LOG_ODDS,
    Pearson,
    estimate,
    over_pods,
    over_time,
    uncertainty,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.ratio import Arms, RatioProcess
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

# Each expects more than one bad event, so that none is put together with its neighbour.
CELLS = st.lists(st.tuples(st.integers(10, 60), st.integers(100, 1000)), min_size=2, max_size=30)


@given(CELLS)
def test_over_time_is_scipys_chi_square_of_the_table(cells: list[tuple[int, int]]) -> None:
    found = over_time([Events(bad, bad + good) for bad, good in cells])
    table = stats.chi2_contingency(np.array(cells).T, correction=False)
    assert found[:2] == pytest.approx((table.statistic, table.dof), abs=1e-9)


@given(st.lists(CELLS.filter(lambda cells: len(cells) == 3), min_size=1, max_size=4))
def test_over_pods_is_the_table_of_all_minutes_of_all_pods(minutes: list[list[tuple[int, int]]]) -> None:
    found = over_pods([{f"pod-{n}": Events(x, x + y) for n, (x, y) in enumerate(minute)} for minute in minutes])
    table = stats.chi2_contingency(np.array([cell for minute in minutes for cell in minute]).T, correction=False)
    assert found[:2] == pytest.approx((table.statistic, table.dof), abs=1e-9)


ODDS = st.floats(1.0, 12.0)


@given(st.floats(2.0, 2000.0), ODDS)
def test_the_error_of_the_estimate_is_inside_alpha(degrees: float, log_odds: float) -> None:
    """The mean of alpha^(k X2 / m) over chi-square X2 is alpha, by its moment generating function."""
    k = uncertainty(degrees, log_odds)
    assert k > 1.0
    log_mean = -degrees / 2 * np.log1p(2 * k * log_odds / degrees)
    assert log_mean == pytest.approx(-log_odds, rel=1e-9)


@pytest.mark.parametrize("degrees", [4, 7, 20, 60, 180, 720])
@pytest.mark.parametrize("components", [10, 45])
@pytest.mark.parametrize("alpha", [0.01, 0.01 / 20])
def test_and_nearly_so_for_a_mixture(degrees: int, components: int, alpha: float) -> None:
    """By integration of the bound that the docstring of `estimate` states."""
    x2 = stats.chi2.ppf((np.arange(100_000) + 0.5) / 100_000, degrees)
    ratio = uncertainty(degrees, Errors(alpha).log_odds(components)) * x2 / degrees
    error = float(np.mean(alpha**ratio * np.maximum(1.0, components ** (1.0 - ratio))))
    assert error <= 1.08 * alpha


def test_of_an_hour_of_many_pods_next_to_nothing_is_paid() -> None:
    assert Pearson(719.0, 719, 18_000.0).divisor(LOG_ODDS) == pytest.approx(1.0115, abs=0.001)
    assert Pearson(1.0, 9, 1000.0).divisor(LOG_ODDS) == 1.0


@pytest.mark.parametrize("mean", [1.0, 2.0, 5.0, 20.0])
def test_few_large_bursts_tell_less_than_many_cells(mean: float) -> None:
    """The variance of X2 over the share, which is estimated too, by SciPy's moments of geometric bursts."""
    bursts = 100.0
    sizes = np.arange(1, 2000)
    pmf = stats.geom(1 / mean).pmf(sizes)
    first, second, third, fourth = (float(bursts * np.sum(sizes**power * pmf)) for power in (1.0, 2.0, 3.0, 4.0))
    variation = fourth / second**2 + second / first**2 - 2 * third / (first * second)
    known = Pearson(second / first * 1e9, 10**9, first).known
    assert 2.0 / known == pytest.approx(variation + 2e-9, rel=1e-6, abs=1e-9)


def test_without_a_degree_of_freedom_nothing_is_known() -> None:
    assert Pearson().known == 0.0


def test_cells_that_expect_too_little_are_put_together() -> None:
    """Nine minutes of a third of a bad event each are three cells."""
    assert over_time([Events(1.1 * (n % 3 == 0), 100) for n in range(9)]).degrees == 2


def test_what_is_left_over_goes_to_the_last_cell() -> None:
    whole = over_time([Events(5, 100), Events(9, 100), Events(0, 3)])
    assert whole == pytest.approx(over_time([Events(5, 100), Events(9, 103)]))


def test_minutes_without_requests_or_failures_say_nothing() -> None:
    assert over_time([Events(0, 0)] * 5 + [Events(0, 100)] * 5) == Pearson()
    assert over_pods([{"a": Events(0, 10), "b": Events(0, 10)}]) == Pearson()
    assert over_pods([{"a": Events(3, 10)}, {"b": Events(0, 0)}]) == Pearson()
    assert estimate([{"a": Events(0, 100)}] * 30) is None
    assert estimate([]) is None


def test_too_short_a_history_is_none() -> None:
    assert estimate([{"a": Events(5, 100)}] * 4) is None
    assert estimate([{"a": Events(5, 100)}] * 5) is not None


def test_a_pod_that_is_worse_than_the_others_is_dispersion() -> None:
    found = estimate([{"a": Events(20, 100), "b": Events(1, 100)}] * 8)
    assert found is not None
    assert (found.origin, found.degrees) == ("8 min of 2 pods of the baseline", 15)
    assert found.value > 8


def test_what_befalls_all_pods_at_once_is_not_thinned_out_by_many_of_them() -> None:
    """Ten pods that have a bad event each in every other minute."""
    found = estimate([{f"pod-{pod}": Events(n % 2 * 2, 100) for pod in range(10)} for n in range(30)])
    assert found is not None
    assert found.value == pytest.approx(over_time([Events(n % 2 * 20, 1000) for n in range(30)]).divisor(LOG_ODDS))


def test_what_lasts_longer_than_a_cell_shows_between_minutes() -> None:
    """Every other minute is bad in all of its quarters: fine cells alone would see a quarter of it."""
    cells = [{"a": Events(6.0 if n // 4 % 2 else 2.0, 100)} for n in range(240)]
    fine, whole = estimate(cells), estimate(cells, 4)
    assert fine is not None
    assert whole is not None
    assert whole.origin == "60 min of 1 pod of the baseline"
    minutes = over_time([Events(24.0 if n % 2 else 8.0, 400) for n in range(60)])
    assert minutes.phi == pytest.approx(60 * 4 * 4 / 3.84 / 59)
    assert whole.value == pytest.approx(minutes.divisor(LOG_ODDS))
    assert fine.value == pytest.approx(1.04 * uncertainty(220.0, LOG_ODDS), rel=0.02)


def test_where_few_bursts_befell_the_whole_arm_nothing_is_known() -> None:
    """Each of ten pods has four bad events in each of two minutes, and none in the other thirteen."""
    cells = [{f"pod-{pod}": Events(4.0 * (n in (2, 11)), 100) for pod in range(10)} for n in range(15)]
    assert estimate(cells) is None


def test_two_in_a_hundred_healthy_releases_are_no_more_than_alpha() -> None:
    """Twenty minutes of bursts, then evidence with the dispersion that they show: few reach 1 / alpha."""
    random = np.random.default_rng(7)
    alarms = 0
    for _run in range(300):
        cells = [{"": Events(burst(random, 6.0), 3000)} for _cell in range(80)]
        known = estimate(cells, 4)
        assert known is not None
        process = RatioProcess.rollback(1.0)
        for _look in range(40):
            process.add(Arms(Events(burst(random, 3.0), 1500), Events(burst(random, 6.0), 3000)), known.value)
        alarms += process.mixture.peak >= np.log(100)
    assert alarms <= 6


def burst(random: np.random.Generator, mean: float) -> float:
    return float(random.geometric(1 / 5, size=random.poisson(mean)).sum())
