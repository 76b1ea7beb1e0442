# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kayenta's six cases of transforms, and its three of random numbers."""

from __future__ import annotations

from math import nan
from random import Random
from statistics import mean, stdev, variance

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.detectors import interquartile, k_sigma
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.transforms import (
    add_noise,
    remove_nans,
    remove_outliers,
    replace_nans,
)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([0, 1, nan, 1, 0], [0, 1, 1, 0], id="single"),
        pytest.param([nan, nan, nan], [], id="multiple"),
    ],
)
def test_nans_are_removed(values: list[float], expected: list[float]) -> None:
    assert remove_nans(values) == expected


def test_nans_are_replaced() -> None:
    assert replace_nans([nan, 10.1, 20.2, 30.3, nan, 40.4]) == [0, 10.1, 20.2, 30.3, 0, 40.4]


def test_outliers_are_removed() -> None:
    values = [21, 23, 24, 25, 50, 29, 23, 21]
    assert remove_outliers(values, interquartile(values, 1.5)) == [21, 23, 24, 25, 29, 23, 21]
    values = [1, 1, 1, 1, 1, 20, 1, 1, 1, 1, 1]
    assert remove_outliers(values, k_sigma(values, 3.0)) == [1] * 10


@pytest.mark.parametrize(
    ("count", "middle", "deviation"),
    [
        pytest.param(5000, 1.0, 1.0, id="noise"),
        pytest.param(500, 0.0, 1.0, id="zero mean"),
        pytest.param(10_000, 10.0, 3.0, id="non-zero mean"),
    ],
)
def test_noise_has_the_mean_and_spread_that_are_asked_for(count: int, middle: float, deviation: float) -> None:
    found = add_noise([0.0] * count, Random(12345), middle, deviation)
    assert len(found) == count
    assert mean(found) == pytest.approx(middle, abs=0.2)
    assert stdev(found) == pytest.approx(deviation, abs=0.2)
    assert variance(found) == pytest.approx(deviation**2, abs=0.2)


def test_no_spread_is_no_noise() -> None:
    assert add_noise([0.0], Random(1), 0.0, 0.0) == [0.0]
