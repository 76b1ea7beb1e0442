# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole canary: values in, classes, score and grade out."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.classifier import Label
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.config import (
    Analysis,
    CanaryConfig,
    Direction,
    Metric,
    Thresholds,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.judgement import (
    Grade,
    Pair,
    comparable,
    grade,
    judge,
    judge_metric,
)

from tests.unit.gate.kayenta.samples import SAMPLES

TEN, OTHER_TEN = SAMPLES["around 10, first"], SAMPLES["around 10, second"]
TWENTY = SAMPLES["around 20, first"]
ERRORS = Metric("errors", ("service",), Analysis(direction=Direction.INCREASE))
CPU = Metric("cpu", ("system",))
GOOD, BAD = Pair(OTHER_TEN, TEN), Pair(OTHER_TEN, TWENTY)


def test_scores_and_grades() -> None:
    config = CanaryConfig((ERRORS, CPU), {"service": 80.0, "system": 20.0})
    found = judge(config, {"errors": GOOD, "cpu": BAD})
    assert (found.score.value, found.grade) == (80.0, Grade.MARGINAL)
    assert [one.found.label for one in found.metrics] == [Label.PASS, Label.HIGH]
    assert judge(config, {"errors": GOOD, "cpu": BAD}, Thresholds(80, 50)).grade is Grade.PASS
    assert judge(config, {"errors": BAD, "cpu": GOOD}).grade is Grade.FAIL


def test_a_muted_metric_is_told_but_not_scored() -> None:
    muted = replace(CPU, analysis=Analysis(muted=True))
    found = judge(CanaryConfig((ERRORS, muted)), {"errors": GOOD, "cpu": BAD})
    assert (found.score.value, found.metrics[1].found.label) == (100.0, Label.HIGH)


def test_a_metric_without_values_has_no_data() -> None:
    found = judge(CanaryConfig((ERRORS, CPU)), {"errors": GOOD})
    assert found.metrics[1].found.label is Label.NODATA
    assert (found.score.value, found.score.reason) == (0.0, "1 of 2 metrics have no data, half or more")


def test_one_point_each_is_an_error_and_no_verdict() -> None:
    found = judge_metric(CPU, Pair([1.0], [10.0])).found
    assert (found.label, found.reason) == (Label.ERROR, "the test cannot be computed: there is one value each")


def test_summaries_are_of_what_was_compared() -> None:
    judged = judge_metric(CPU, Pair([1.0, nan, 3.0], [5.0, 7.0, nan]))
    assert (judged.control.mean, judged.control.count) == (2.0, 2)
    assert (judged.experiment.mean, judged.experiment.count) == (6.0, 2)


@pytest.mark.parametrize(
    ("analysis", "expected"),
    [
        (Analysis(), [1.0] * 200 + [9.0]),
        (Analysis(replace_nans=True), [1.0] * 200 + [9.0, 0.0]),
        (Analysis(outlier_factor=3.0), [1.0] * 200),
        (Analysis(outlier_factor=3.0, outlier_detector="ksigma"), [1.0] * 200),
    ],
)
def test_values_are_made_comparable(analysis: Analysis, expected: list[float]) -> None:
    assert comparable([1.0] * 200 + [9.0, nan], analysis) == expected


@pytest.mark.parametrize(("value", "expected"), [(95, "Pass"), (94.99, "Marginal"), (75, "Marginal"), (74.99, "Fail")])
def test_grades(value: float, expected: str) -> None:
    assert grade(value, Thresholds()).value == expected
