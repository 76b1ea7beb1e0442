# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points are steps of time, counted back from the latest look."""

from __future__ import annotations

from math import isnan, nan

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Look
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.judgement import Pair
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.points import pair


def counted(at: float, bad: float, total: float, baseline: tuple[float, float] = (0, 0)) -> Look:
    return Look(at, {"a": Events(bad, total)}, baseline={"b": Events(*baseline)})


def measured(at: float, value: float | None, baseline: float | None) -> Look:
    return Look(at, value=value, baseline_value=baseline)


def same(found: Pair, control: list[float], experiment: list[float]) -> bool:
    return all(
        len(mine) == len(wanted) and all(x == y or (isnan(x) and isnan(y)) for x, y in zip(mine, wanted, strict=True))
        for mine, wanted in ((found.control, control), (found.experiment, experiment))
    )


def test_of_counters_a_point_is_the_share_of_a_step() -> None:
    looks = [counted(20.0 * n, n, 10, (1, 20)) for n in range(1, 10)]  # 20 s to 180 s
    assert same(pair(looks, 60), [0.05, 0.05, 0.05], [6 / 30, 15 / 30, 24 / 30])


def test_of_gauges_a_point_is_the_last_value_of_a_step() -> None:
    looks = [measured(20.0 * n, n, 2 * n) for n in range(1, 7)]
    assert same(pair(looks, 60), [6, 12], [3, 6])


def test_a_step_without_requests_or_data_has_no_value() -> None:
    looks = [counted(60, 1, 10, (0, 10)), counted(120, 0, 0, (0, 10)), Look(180, gap="no series matches")]
    assert same(pair(looks, 60), [0, 0, nan], [0.1, nan, nan])
    looks.append(counted(240, 3, 10, (1, 10)))
    assert same(pair(looks, 60), [0, 0, nan, 0.1], [0.1, nan, nan, 0.3])


@pytest.mark.parametrize(("seen", "points"), [(120, 2), (89, 1), (91, 2), (59, 1), (10, 1)])
def test_the_oldest_step_counts_if_half_of_it_was_seen(seen: int, points: int) -> None:
    looks = [counted(180.0 - ago, 1, 2, (1, 2)) for ago in reversed(range(seen))]
    assert len(pair(looks, 60).control) == points


def test_a_single_look_is_a_point() -> None:
    assert same(pair([counted(5.0, 1, 2, (1, 4))], 60), [0.25], [0.5])


def test_nothing_seen_is_no_points() -> None:
    assert same(pair([], 60), [], [])
