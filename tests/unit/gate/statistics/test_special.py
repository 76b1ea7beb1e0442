# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from math import exp, inf, log

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.special import (
    chi_square_quantile,
    gamma_lower,
    log_mean_exp,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats


def test_the_mean_of_numbers_given_by_logarithms() -> None:
    assert log_mean_exp([log(1.0), log(3.0)]) == pytest.approx(log(2.0), abs=1e-15)


def test_numbers_too_large_and_too_small_for_a_float() -> None:
    assert log_mean_exp([5000.0, -5000.0]) == pytest.approx(5000.0 - log(2.0))
    assert log_mean_exp([-inf, 0.0]) == pytest.approx(-log(2.0))
    assert log_mean_exp([-inf, -inf]) == -inf
    assert log_mean_exp([0.0, inf]) == inf


@given(st.floats(0.05, 20_000), st.floats(0, 5))
def test_the_incomplete_gamma_function_is_scipys(shape: float, multiple: float) -> None:
    assert gamma_lower(shape, shape * multiple) == pytest.approx(special.gammainc(shape, shape * multiple), abs=1e-9)


@pytest.mark.parametrize("share", [1e-6, 0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999, 0.99999])
@pytest.mark.parametrize("degrees", [1, 2, 3, 5, 9, 29, 59, 120, 1000, 59_999])
def test_the_quantile_of_chi_square_is_scipys(share: float, degrees: int) -> None:
    assert chi_square_quantile(share, degrees) == pytest.approx(stats.chi2.ppf(share, degrees), rel=1e-9)


@given(st.floats(0.0001, 0.9999), st.integers(1, 5000))
def test_the_quantile_is_the_inverse(share: float, degrees: int) -> None:
    assert gamma_lower(degrees / 2, chi_square_quantile(share, degrees) / 2) == pytest.approx(share, abs=1e-10)


def test_two_degrees_have_a_closed_form() -> None:
    assert chi_square_quantile(1 - exp(-1), 2) == pytest.approx(2.0, abs=1e-12)
