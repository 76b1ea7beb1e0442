# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kayenta's thirty-four cases of its Mann-Whitney classifier."""

from __future__ import annotations

from dataclasses import replace
from math import isnan
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.classifier import (
    Class,
    Criterion,
    Label,
    classify,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.config import (
    Analysis,
    Bounds,
    Direction,
    Measure,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.mannwhitney import Tied

from tests.unit.gate.kayenta.samples import SAMPLES, pair

Values = list[float]
PASS, HIGH, LOW, NODATA = Label.PASS, Label.HIGH, Label.LOW, Label.NODATA
INCREASE, DECREASE, EITHER = Direction.INCREASE, Direction.DECREASE, Direction.EITHER
USUAL = Criterion(tolerance=0.10, confidence=0.95)
STRICT = Criterion(tolerance=0.20, confidence=0.98)

TEN, OTHER_TEN = SAMPLES["around 10, first"], SAMPLES["around 10, second"]
TWENTY, OTHER_TWENTY = SAMPLES["around 20, first"], SAMPLES["around 20, second"]
FIVE_HIGH, FIVE_LOW = [20.0, 22, 21, 25, 30], [1.0, 2.2, 1.1, 2.5, 3]
UP = [1.0, 2, 3, 4, 5]
ONES, TENS, ZEROS = [1.0] * 5, [10.0] * 5, [0.0] * 5
FIFTIES = [54.9, 54.5, 55.1, 55.6, 57.4]
SMALL = [
    0.05000000074505806, 0.05000000074505806, 0.01666666753590107, 0.01666666753590107, 0.01666666753590107,
    0.05000000074505806, 0.03333333507180214, 0.05000000260770321, 0.05000000260770321, 0.13333333656191826,
]  # fmt: skip


def found(canary: Values, baseline: Values, criterion: Criterion = USUAL, **analysis: Any) -> Class:
    return classify(baseline, canary, replace(Analysis(), **analysis), criterion)


@pytest.mark.parametrize(
    ("canary", "baseline", "direction", "label"),
    [
        pytest.param(TEN, OTHER_TEN, EITHER, PASS, id="pass"),
        pytest.param(TWENTY, OTHER_TEN, EITHER, HIGH, id="high"),
        pytest.param(TEN, OTHER_TWENTY, EITHER, LOW, id="low"),
        pytest.param(TEN, OTHER_TWENTY, INCREASE, PASS, id="direction increase"),
        pytest.param(TWENTY, OTHER_TEN, DECREASE, PASS, id="direction decrease"),
        pytest.param(TWENTY, OTHER_TEN, INCREASE, HIGH, id="direction, high"),
        pytest.param(TEN, OTHER_TWENTY, DECREASE, LOW, id="direction, low"),
        pytest.param(*pair("often 0"), EITHER, HIGH, id="high, large input"),
        pytest.param([1.0] * 3, [1.0] * 2, DECREASE, PASS, id="tied observations"),
        pytest.param(UP, UP[::-1], DECREASE, PASS, id="identical populations"),
        pytest.param([0.0, 1, 1, 1, 1], ONES, DECREASE, PASS, id="leading zero"),
        pytest.param([], UP, DECREASE, NODATA, id="missing data"),
        pytest.param([1.0, 1, 1, 1, 10], ONES, EITHER, PASS, id="majority tied"),
        pytest.param(TENS, ONES, EITHER, HIGH, id="tied ranks"),
        pytest.param(TENS, ZEROS, EITHER, HIGH, id="tied ranks with zeros"),
    ],
)
def test_class_by_the_test_alone(canary: Values, baseline: Values, direction: Direction, label: Label) -> None:
    result = found(canary, baseline, direction=direction)
    assert (result.label, result.critical) == (label, False)


@pytest.mark.parametrize(
    ("canary", "baseline", "allowed", "direction", "label"),
    [
        pytest.param(FIVE_HIGH, FIVE_LOW, Bounds(0.8, 1.2), EITHER, HIGH, id="high"),
        pytest.param(TEN, OTHER_TWENTY, Bounds(0.8, 1.2), DECREASE, LOW, id="low"),
        pytest.param([10.0, 12.2, 10.1, 12.5, 23], FIVE_HIGH, Bounds(0.5, 1.0), EITHER, PASS, id="pass"),
        pytest.param(*pair("often 0"), Bounds(1.0, 5.0), EITHER, PASS, id="pass, large input"),
    ],
)
def test_ratio_of_means(canary: Values, baseline: Values, allowed: Bounds, direction: Direction, label: Label) -> None:
    assert found(canary, baseline, allowed=allowed, direction=direction).label is label


@pytest.mark.parametrize(
    ("name", "allowed", "label"),
    [("Pass", Bounds(0.5, 0.8), PASS), ("High", Bounds(0.2, 0.8), HIGH), ("Low", Bounds(0.2, 0.8), LOW)],
)
def test_common_language_effect_size(name: str, allowed: Bounds, label: Label) -> None:
    result = found(*pair(f"CLES {name}"), STRICT, measure=Measure.CLES, allowed=allowed)
    assert result.label is label


@pytest.mark.parametrize(
    ("canary", "baseline", "allowed", "severe", "label", "critical"),
    [
        pytest.param(FIVE_HIGH, FIVE_LOW, Bounds(), Bounds(1.0, 1.2), HIGH, True, id="critical high"),
        pytest.param([2.0, 2, 2, 2, 3], [10.0, 20.2, 10.1, 20.5, 30], Bounds(), Bounds(1.2, 1.0), LOW, True,
                     id="critical low"),
        pytest.param(FIVE_HIGH, FIVE_LOW, Bounds(1.0, 5.0), Bounds(1.0, 13.0), HIGH, False, id="high"),
        pytest.param(FIVE_HIGH, FIVE_LOW, Bounds(1.0, 13.0), Bounds(1.0, 15.0), PASS, False, id="pass"),
        pytest.param(FIVE_HIGH, FIVE_LOW, Bounds(), Bounds(), HIGH, True, id="critical high, defaults"),
        pytest.param(SMALL, [0.0] * 10, Bounds(), Bounds(0.8, 1.2), HIGH, True, id="zero mean"),
    ],
)  # fmt: skip
def test_critical_metric(
    canary: Values, baseline: Values, allowed: Bounds, severe: Bounds, label: Label, critical: bool
) -> None:
    result = found(canary, baseline, critical=True, allowed=allowed, severe=severe)
    assert (result.label, result.critical) == (label, critical)


def test_missing_data_of_a_critical_metric() -> None:
    result = found([], UP, direction=DECREASE, critical=True)
    assert (result.label, result.critical) == (NODATA, True)


def test_missing_data_where_nans_are_replaced() -> None:
    assert found([], UP, direction=DECREASE, replace_nans=True).label is PASS


def test_missing_data_has_a_reason() -> None:
    assert found([], [], direction=DECREASE, critical=True).reason


@pytest.mark.parametrize(
    ("canary", "baseline", "label"),
    [pytest.param(FIFTIES, ZEROS, HIGH, id="high"), pytest.param(ZEROS, FIFTIES, LOW, id="low")],
)
def test_zero_mean(canary: Values, baseline: Values, label: Label) -> None:
    result = found(canary, baseline, allowed=Bounds(0.8, 1.2))
    assert result.label is label
    assert isnan(result.ratio)


def test_zero_mean_of_both() -> None:
    assert found(ZEROS, ZEROS, allowed=Bounds(0.8, 1.2)) == Class(
        PASS, "the data of canary and baseline are identical", 1.0
    )


def test_missing_data_that_must_be_there() -> None:
    assert found([], UP, must_have_data=True).label is Label.NODATA_FAIL
    assert found([], UP, must_have_data=True, critical=True) == Class(NODATA, "data is missing", critical=True)


def test_two_constants_always_get_the_same_class() -> None:
    assert {found([1.000001] * 4, [1.0] * 4, STRICT) for _again in range(20)} == {
        found([1.000001] * 4, [1.0] * 4, STRICT)
    }


def test_one_value_each_cannot_be_tested() -> None:
    with pytest.raises(Tied):
        found([10.0], [1.0])


def test_the_reason_names_the_class() -> None:
    assert found(FIVE_HIGH, FIVE_LOW).reason == "the canary was classified as High"
    assert found(FIVE_HIGH, FIVE_LOW, critical=True).reason == "the canary was classified as High (critical)"
