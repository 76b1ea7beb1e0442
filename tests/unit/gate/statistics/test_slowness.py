# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from math import inf, log

import numpy as np
import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.scores import Histogram
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.slowness import (
    Slowness,
    beyond,
    merged,
)

BOUNDS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0, inf)


def requests(random: np.random.Generator, count: int, slower: float = 1.0) -> Histogram:
    times = random.lognormal(np.log(0.1), 0.6, count) * slower
    found, _edges = np.histogram(times, (0.0, *BOUNDS))
    return {bound: float(one) for bound, one in zip(BOUNDS, found, strict=True)}


def run(slower: float, *, minutes: int = 10, history: int = 80, seed: int = 1) -> Slowness:
    """A canary with 300 of 3000 requests a minute, looked at every 15 s."""
    random = np.random.default_rng(seed)
    found = Slowness(1.1, 1.5, [requests(random, 675) for _cell in range(history)])
    for look in range(minutes * 4):
        found.add(15.0 * look, requests(random, 75, slower), requests(random, 675))
    return found


def test_sums_and_tails() -> None:
    assert merged({0.1: 1, inf: 2}, {0.1: 3, 0.5: 1}) == {0.1: 4, 0.5: 1, inf: 2}
    assert beyond({0.1: 5, 0.2: 3, inf: 2}, 0.1) == Events(5, 10)


def test_a_slower_release_is_found() -> None:
    assert run(1.3).peak_rollback > log(100)


def test_a_healthy_release_is_promoted_by_its_p95() -> None:
    found = run(1.0)
    assert found.tail == 0.3
    assert found.peak_promote > log(20)
    assert found.peak_rollback < log(100)
    assert found.dispersion is not None
    assert found.reservation == ""


def test_without_history_the_first_requests_teach_and_minutes_are_judged() -> None:
    found = run(1.5, history=0, minutes=20)
    assert found.reservation.startswith("too little of the baseline")
    assert found.dispersion is not None
    assert found.peak_rollback > log(100)


def test_false_alarms_are_few() -> None:
    assert sum(run(1.0, seed=seed).peak_rollback >= log(100) for seed in range(15)) <= 1


def test_nothing_is_judged_before_anything_is_known() -> None:
    found = Slowness(1.1, 1.5)
    found.add(0.0, {0.1: 5.0}, {0.1: 5.0})
    assert (found.tail, found.betting, found.peak_rollback) == (None, None, 0.0)


def test_silence_of_an_arm_says_nothing() -> None:
    found = run(1.0, minutes=0)
    found.add(15.0, {}, {0.1: 100.0})
    assert found.peak_rollback == pytest.approx(0.0)
