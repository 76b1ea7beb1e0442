# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kayenta's thirteen cases of scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.classifier import Class, Label
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.scorer import Scored, score

PASS, HIGH, LOW, NODATA = Label.PASS, Label.HIGH, Label.LOW, Label.NODATA


def scored(text: Label, group: str = "group", *, critical: bool = False) -> Scored:
    return Scored(f"{text.value} in {group}", Class(text, "as the case has it", critical=critical), (group,))


def critical(label: Label) -> Scored:
    return scored(label, critical=True)


@pytest.mark.parametrize(
    ("metrics", "weights", "expected"),
    [
        pytest.param([scored(PASS)], {}, 100.0, id="single pass"),
        pytest.param([scored(HIGH)], {}, 0.0, id="single fail"),
        pytest.param([scored(NODATA)], {}, 0.0, id="single group without data"),
        pytest.param([scored(PASS), scored(PASS), scored(NODATA, "b")], {}, 100.0, id="two groups, one without data"),
        pytest.param([scored(PASS), scored(HIGH)], {}, 50.0, id="one group, two metrics"),
        pytest.param([scored(PASS), scored(HIGH), scored(LOW)], {}, 33.33, id="one group, three metrics"),
        pytest.param(
            [scored(PASS, "a"), scored(PASS, "a"), scored(HIGH, "b")], {"a": 75, "b": 25}, 75.0, id="unequal weights"
        ),
        pytest.param(
            [scored(PASS, "a"), scored(HIGH, "a"), scored(HIGH, "b")], {"a": 50, "b": 50}, 25.0, id="equal weights"
        ),
        pytest.param(
            [scored(PASS, "a"), scored(NODATA, "a"), scored(HIGH, "b")],
            {"a": 50, "b": 50},
            50.0,
            id="equal weights, one without data",
        ),
        pytest.param([scored(PASS), critical(HIGH)], {}, 0.0, id="critical fails"),
        pytest.param([scored(LOW), critical(PASS)], {}, 50.0, id="critical passes"),
        pytest.param([scored(PASS), critical(NODATA)], {}, 0.0, id="critical without data"),
        pytest.param(
            [scored(HIGH, "a"), scored(LOW, "a"), scored(PASS, "a"), scored(HIGH, "b")],
            {"a": 15, "b": 85},
            5.0,
            id="unequal weights, four metrics",
        ),
    ],
)
def test_score(metrics: Sequence[Scored], weights: Mapping[str, float], expected: float) -> None:
    assert score(metrics, weights).value == expected


def test_a_group_without_data_has_no_score_of_its_own() -> None:
    found = score([scored(PASS, "a"), scored(PASS, "a"), scored(NODATA, "b")], {})
    assert found.groups == {"a": 100.0, "b": None}


def test_a_zero_at_once_says_why() -> None:
    assert score([scored(PASS), critical(HIGH)], {}).reason == ("High in group, which is critical: as the case has it")
    assert score([scored(PASS), scored(NODATA)], {}).reason == "1 of 2 metrics have no data, half or more"


def test_required_data_that_is_missing_counts_as_failed() -> None:
    assert score([scored(PASS), scored(Label.NODATA_FAIL)], {}).value == 50.0


def test_groups_without_a_weight_share_the_rest() -> None:
    metrics = [scored(PASS, "a"), scored(HIGH, "b"), scored(PASS, "c")]
    assert score(metrics, {"a": 40}).value == 70.0


def test_halves_of_a_hundredth_are_rounded_up() -> None:
    metrics = [scored(PASS, "a"), scored(HIGH, "b")]
    assert score(metrics, {"a": 33.335, "b": 66.665}).value == 33.34


def test_no_metrics_score_nothing() -> None:
    assert score([], {}).value == 0.0
