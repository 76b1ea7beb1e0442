# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from math import exp, inf, log

import numpy as np
import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.paired import PairedProcess
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats


def fed(differences: list[float]) -> PairedProcess:
    process = PairedProcess()
    for one in differences:
        process.add(one)
    return process


@pytest.mark.parametrize("count", [3, 8, 25])
def test_is_the_integral_over_the_prior(count: int) -> None:
    """The noncentral t density, its effect normal with variance 1, over the central one."""
    values = np.random.default_rng(count).normal(size=count)
    values += 0.6 - values.mean()
    t = float(stats.ttest_1samp(values, 0.0).statistic)

    def weighed(effect: float) -> float:
        return float(stats.nct.pdf(t, count - 1, effect * count**0.5) * stats.norm.pdf(effect))

    expected = integrate.quad(weighed, -8, 8, epsabs=1e-13, limit=200)[0] / stats.t.pdf(t, count - 1)
    assert fed([float(one) for one in values]).log_e == pytest.approx(log(expected), abs=1e-9)


def test_mean_and_variance_are_numpys() -> None:
    values = [0.3, -0.1, 0.25, 0.7, 0.0]
    process = fed(values)
    assert process.mean == pytest.approx(np.mean(values), abs=1e-15)
    assert process.squares / 4 == pytest.approx(np.var(values, ddof=1), abs=1e-15)


def test_no_evidence_where_the_mean_is_not_above_zero() -> None:
    assert fed([1.0]).log_e == 0.0
    assert fed([-1.0, -2.0, 0.5]).log_e == -inf
    assert fed([0.0] * 20).log_e == -inf


def test_what_never_varies_is_the_limit_of_the_formula() -> None:
    assert fed([0.5] * 6).log_e == pytest.approx(2.5 * log(7))


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=30), st.floats(0, 1))
def test_a_lower_mean_never_gives_more_evidence(values: list[float], lower: float) -> None:
    assert fed([one - lower for one in values]).log_e <= fed(values).log_e + 1e-6


def test_the_peak_stays() -> None:
    process = fed([0.5, 0.51, 0.49] * 4)
    peak = process.log_e
    process.add(-50.0)
    assert process.peak == pytest.approx(peak)


def test_false_alarms_on_normal_differences() -> None:
    random = np.random.default_rng(3)
    runs = 400
    alarms = sum(fed([float(one) for one in random.normal(size=60)]).peak >= log(100) for _run in range(runs))
    assert alarms <= 0.03 * runs
    assert exp(PairedProcess().log_e) == 1.0
