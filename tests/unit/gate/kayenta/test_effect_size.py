# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kayenta's nine cases of effect sizes that its judge can reach."""

from __future__ import annotations

from math import isnan

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.descriptive import summary
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.effect_size import cles, mean_ratio

from tests.unit.gate.kayenta.samples import pair


@pytest.mark.parametrize(
    ("canary", "baseline", "expected"),
    [
        pytest.param(1, 1, 1.0, id="no effect"),
        pytest.param(10, 1, 10.0, id="high"),
        pytest.param(10, 100, 0.1, id="low"),
    ],
)
def test_ratio_of_means(canary: float, baseline: float, expected: float) -> None:
    assert mean_ratio([baseline] * 5, [canary] * 5) == pytest.approx(expected, abs=1e-9)


def test_ratio_of_means_from_summaries() -> None:
    canary, baseline = summary([1.0] * 5), summary([1.0] * 5)
    assert mean_ratio([baseline.mean], [canary.mean]) == 1.0


@pytest.mark.parametrize(("canary", "baseline"), [(10, 0), (0, 10), (0, 0)])
def test_there_is_no_ratio_to_a_mean_of_0(canary: float, baseline: float) -> None:
    assert isnan(mean_ratio([baseline] * 5, [canary] * 5))


@pytest.mark.parametrize(
    ("canary", "baseline", "expected"),
    [
        pytest.param([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], 0.5, id="identical"),
        pytest.param(*pair("CLES number, Different (No Overlap)"), 0.0, id="no overlap"),
        pytest.param(*pair("CLES number, High Metric"), 694 / 900, id="high"),  # stated as 0.771
        pytest.param(*pair("CLES number, Low Metric"), 0.12, id="low"),
    ],
)
def test_common_language_effect_size(canary: list[float], baseline: list[float], expected: float) -> None:
    assert cles(baseline, canary) == pytest.approx(expected, abs=1e-9)
    assert cles(canary, baseline) == pytest.approx(1 - expected, abs=1e-9)
