# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from math import exp, inf

import numpy as np
import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.passage import expected, reached
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats


@pytest.mark.parametrize(("drift", "variance", "level", "time"), [(1.0, 1.0, 5.0, 4.0), (0.2, 3.0, 6.0, 60.0)])
def test_it_is_the_inverse_gaussian_distribution(drift: float, variance: float, level: float, time: float) -> None:
    mean, shape = level / drift, level**2 / variance
    exact = stats.invgauss.cdf(time, mean / shape, scale=shape)
    assert reached(drift * time, variance * time, level) == pytest.approx(exact, abs=1e-12)


def test_a_walk_agrees() -> None:
    steps = np.random.default_rng(20).normal(0.01, 0.1, (2000, 600)).cumsum(axis=1)
    seen = float((steps.max(axis=1) >= 5.0).mean())
    assert reached(6.0, 6.0, 5.0) == pytest.approx(seen, abs=0.05)


def test_without_a_drift_upwards_it_may_still_be_reached() -> None:
    assert reached(-1.0, 4.0, 2.0) == pytest.approx(
        float(stats.norm.cdf(-1.5) + exp(-1.0) * stats.norm.cdf(-0.5)), abs=1e-12
    )
    assert (reached(3.0, 0.0, 2.0), reached(1.0, 0.0, 2.0)) == (1.0, 0.0)


@given(st.floats(-1e4, 1e4), st.floats(1e-6, 1e6), st.floats(0.1, 50))
def test_it_is_a_probability(mean: float, variance: float, level: float) -> None:
    assert 0.0 <= reached(mean, variance, level) <= 1.0


def test_the_expected_time() -> None:
    assert (expected(0.5, 6.0), expected(0.0, 6.0), expected(-1.0, 6.0)) == (12.0, inf, inf)
