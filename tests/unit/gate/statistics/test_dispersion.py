# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.dispersion import (
    Pearson,
    estimate,
    over_pods,
    over_time,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

# Each expects more than one bad event, so that none is put together with its neighbour.
CELLS = st.lists(st.tuples(st.integers(10, 60), st.integers(100, 1000)), min_size=2, max_size=30)


@given(CELLS)
def test_over_time_is_scipys_chi_square_of_the_table(cells: list[tuple[int, int]]) -> None:
    found = over_time([Events(bad, bad + good) for bad, good in cells])
    table = stats.chi2_contingency(np.array(cells).T, correction=False)
    assert found == pytest.approx((table.statistic, table.dof), abs=1e-9)


@given(st.lists(CELLS.filter(lambda cells: len(cells) == 3), min_size=1, max_size=4))
def test_over_pods_is_the_table_of_all_minutes_of_all_pods(minutes: list[list[tuple[int, int]]]) -> None:
    found = over_pods([{f"pod-{n}": Events(x, x + y) for n, (x, y) in enumerate(minute)} for minute in minutes])
    table = stats.chi2_contingency(np.array([cell for minute in minutes for cell in minute]).T, correction=False)
    assert found == pytest.approx((table.statistic, table.dof), abs=1e-9)


def test_the_bound_is_scipys_and_never_below_one() -> None:
    assert Pearson(40.0, 9).upper() == pytest.approx(40.0 / stats.chi2.ppf(0.05, 9), rel=1e-9)
    assert Pearson(1.0, 9).upper() == 1.0


def test_cells_that_expect_too_little_are_put_together() -> None:
    """Nine minutes of a third of a bad event each are three cells."""
    assert over_time([Events(1.1 * (n % 3 == 0), 100) for n in range(9)]).degrees == 2


def test_what_is_left_over_goes_to_the_last_cell() -> None:
    whole = over_time([Events(5, 100), Events(9, 100), Events(0, 3)])
    assert whole == over_time([Events(5, 100), Events(9, 103)])


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
    assert found.value == pytest.approx(10.4 * 29 / stats.chi2.ppf(0.05, 29), abs=0.1)


def test_what_lasts_longer_than_a_cell_shows_between_minutes() -> None:
    """Every other minute is bad in all of its quarters: fine cells alone would see a quarter of it."""
    cells = [{"a": Events(6.0 if n // 4 % 2 else 2.0, 100)} for n in range(240)]
    fine, whole = estimate(cells), estimate(cells, 4)
    assert fine is not None
    assert whole is not None
    assert whole.origin == "60 min of 1 pod of the baseline"
    assert whole.value == pytest.approx(60 * 4 * 4 / 3.84 / stats.chi2.ppf(0.05, 59), abs=0.001)
    assert fine.value == pytest.approx(1.22, abs=0.01)


def test_the_bound_holds_in_nineteen_of_twenty_histories_of_bursts() -> None:
    random = np.random.default_rng(7)
    low = 0
    for _run in range(300):
        bursts = random.poisson(6.0, 30)
        bad = [int(random.geometric(1 / 5, size=count).sum()) for count in bursts]
        low += over_time([Events(x, 3000) for x in bad]).upper() < 9.0
    assert low <= 300 * 0.12  # bursts have heavier tails than chi-square: 5 % is the aim, not the law
