# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kayenta's eight cases of summaries and percentiles, and the same from Python's own statistics."""

from __future__ import annotations

import statistics
from math import isnan

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.descriptive import (
    Summary,
    mean,
    percentile,
    summary,
    variance,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.gate.kayenta.samples import SAMPLES

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)
HALVES = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([4.0], Summary(4, 4, 4, 0, 1), id="scalar"),
        pytest.param([1, 1, 1, 10, 10, 10], Summary(1, 10, 5.5, 4.9295030175464949, 6), id="list"),
        pytest.param([], Summary(0, 0, 0, 0, 0), id="no data"),
    ],
)
def test_summary(values: list[float], expected: Summary) -> None:
    found = summary(values)
    assert (found.min, found.max, found.mean, found.count) == (
        expected.min,
        expected.max,
        expected.mean,
        expected.count,
    )
    assert found.std == pytest.approx(expected.std, abs=1e-9)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        pytest.param(HALVES, 5, 0.175, id="basic, 5"),
        pytest.param(HALVES, 50, 1.75, id="basic, 50"),
        pytest.param(HALVES, 100, 3.5, id="basic, 100"),
        pytest.param(list(range(10)), 50, 4.5, id="linear interpolation"),
        pytest.param(SAMPLES["percentile, NIST"], 90, 95.19568, id="NIST"),
        pytest.param([1.0], 100, 1.0, id="one value"),
        pytest.param(SAMPLES["percentile, often 0"], 25, 0.0, id="often 0, 25"),
        pytest.param(SAMPLES["percentile, often 0"], 75, 1 / 24, id="often 0, 75"),
    ],
)
def test_percentile(values: list[float], percent: float, expected: float) -> None:
    assert percentile(values, percent) == pytest.approx(expected, abs=1e-9)


def test_of_nothing_there_is_no_mean_and_no_percentile() -> None:
    assert isnan(mean([]))
    assert isnan(percentile([], 50))


@given(NUMBERS)
def test_as_python_has_it(values: list[float]) -> None:
    assert percentile(values, 25) == pytest.approx(statistics.quantiles(values, n=4, method="inclusive")[0], abs=1e-6)
    assert summary(values).std == pytest.approx(statistics.stdev(values), rel=1e-9, abs=1e-9)
    assert variance(values, len(values)) == pytest.approx(statistics.pvariance(values), rel=1e-9, abs=1e-9)
