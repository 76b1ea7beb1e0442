# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kayenta's six cases of outliers."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.detectors import interquartile, k_sigma

from tests.unit.gate.kayenta.samples import SAMPLES

TWO_SIDED = [1, 1, 1, 5, -1, -1, -1, -5]
ONE_LARGE = [21, 23, 24, 25, 50, 29, 23, 21]


@pytest.mark.parametrize(
    ("values", "k", "outliers"),
    [
        pytest.param([1, 1, 1, 1, 1, 20, 1, 1, 1, 1, 1], 3.0, [5], id="one"),
        pytest.param(TWO_SIDED, 1.0, [3, 7], id="two-sided"),
    ],
)
def test_k_sigma(values: list[float], k: float, outliers: list[int]) -> None:
    assert [place for place, found in enumerate(k_sigma(values, k)) if found] == outliers


@pytest.mark.parametrize(
    ("values", "outliers"),
    [
        pytest.param(ONE_LARGE, [4], id="one"),
        pytest.param(TWO_SIDED, [3, 7], id="two-sided"),
        pytest.param([], [], id="no data"),
        pytest.param(SAMPLES["outlier, NIST"], [89], id="NIST"),
    ],
)
def test_interquartile(values: list[float], outliers: list[int]) -> None:
    found = interquartile(values, 1.5)
    assert [place for place, outlier in enumerate(found) if outlier] == outliers
    assert len(found) == len(values)


def test_the_lenient_form_keeps_what_is_within_the_outer_percentiles() -> None:
    values = [10.0] * 198 + [20.0] * 5
    assert sum(interquartile(values, 1.5)) == 5
    assert sum(interquartile(values, 1.5, lenient=True)) == 0
