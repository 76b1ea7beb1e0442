# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.finding import Stage, found
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.growth import Stream
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.schedule import Target, chances, soonest

STREAM = Stream("sequential", 50.0, 0.01)


def test_it_reaches_the_target_and_no_sooner() -> None:
    schedule = soonest([STREAM], Target())
    assert schedule is not None
    assert found(STREAM, 2.0, schedule.stages) == pytest.approx(0.95, abs=0.001)
    assert schedule.stages[0].share <= 0.1
    for before, after in zip(schedule.stages, schedule.stages[1:], strict=False):
        assert before.share < after.share <= 3 * before.share + 1e-9
    for place in range(1, len(schedule.stages)):
        assert found(STREAM, 5.0, schedule.stages[:place]) >= 0.949
    at_ten = [Stage(0.1, schedule.seconds)]
    assert found(STREAM, 2.0, at_ten) < 0.95  # staying at the first share would take longer
    assert schedule.as_dict()["stages"][0]["weight"] == round(100 * schedule.stages[0].share)


def test_all_checks_have_to_reach_it() -> None:
    rare = Stream("sequential", 50.0, 0.002)
    both, alone = soonest([STREAM, rare], Target()), soonest([STREAM], Target())
    assert both is not None
    assert alone is not None
    assert both.seconds > alone.seconds
    assert min(chances({"a": STREAM, "b": rare}, 2.0, both.stages).values()) >= 0.949


def test_what_no_fortnight_finds_has_no_schedule() -> None:
    assert soonest([Stream("sequential", 0.01, 1e-5)], Target(ratio=1.3)) is None


def test_with_much_traffic_each_stage_takes_the_least() -> None:
    schedule = soonest([Stream("sequential", 5000.0, 0.01)], Target(least=30.0))
    assert schedule is not None
    assert schedule.seconds == 30.0
