# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from math import inf, log

import numpy as np
import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.limit import LimitProcess
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.needed import (
    binomial_divergence,
    gains_for_limit,
    gains_for_ratio,
    requests_until,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.ratio import Arms, RatioProcess
from scipy import stats


def test_the_divergence_is_scipys() -> None:
    assert binomial_divergence(0.1, 0.3) == pytest.approx(float(stats.entropy([0.1, 0.9], [0.3, 0.7])), abs=1e-12)
    assert binomial_divergence(0.0, 0.3) == pytest.approx(-log(0.7))
    assert binomial_divergence(0.3, 0.0) == inf


def needed(
    *, share: float = 0.1, base: float = 0.01, dispersion: float = 1.0, seen: RatioProcess | None = None
) -> float:
    process = seen or RatioProcess.promote(1.5)
    gains = gains_for_ratio(process.alternatives, 1.5, share, base)
    return requests_until(process.mixture.logs, [gain / dispersion for gain in gains], log(20))


def test_is_what_a_healthy_release_needs_by_simulation() -> None:
    random = np.random.default_rng(5)
    found = []
    for _run in range(200):
        process, requests = RatioProcess.promote(1.5), 0
        while process.mixture.peak < log(20):
            requests += 250
            process.add(Arms(Events(random.binomial(250, 0.01), 250), Events(random.binomial(2250, 0.01), 2250)), 1.0)
        found.append(requests)
    assert np.median(found) == pytest.approx(needed(), rel=0.35)


def test_what_is_as_expected_brings_it_to_the_threshold() -> None:
    process = RatioProcess.promote(1.5)
    requests = needed(share=0.2)
    process.add(Arms(Events(requests * 0.01, requests), Events(requests * 0.04, requests * 4)), 1.0)
    assert process.mixture.log_e == pytest.approx(log(20), rel=0.02)


def test_after_bad_luck_more_is_needed_and_never_nothing() -> None:
    unlucky = RatioProcess.promote(1.5)
    unlucky.add(Arms(Events(160, 10_000), Events(900, 90_000)), 1.0)
    assert needed(seen=unlucky) > needed() > 0
    lucky = RatioProcess.promote(1.5)
    lucky.add(Arms(Events(50, 10_000), Events(900, 90_000)), 1.0)
    assert needed(seen=lucky) == 0.0


def test_more_is_needed_where_failures_are_rare_or_come_in_bursts() -> None:
    assert needed(base=0.001) == pytest.approx(10 * needed(), rel=0.02)
    assert needed(dispersion=3.0) == pytest.approx(3 * needed(), rel=0.02)


def test_nothing_helps_where_nothing_can_differ() -> None:
    assert requests_until([0.0, 0.0], [0.0, -1.0], 3.0) == inf


def test_a_limit_needs_fewer_the_farther_it_is() -> None:
    process = LimitProcess.below(0.01)
    near, far = (
        requests_until(process.mixture.logs, gains_for_limit(process.alternatives, 0.01, truth), log(20))
        for truth in (0.008, 0.001)
    )
    assert 100 < far < near


def test_gains_are_those_of_the_process() -> None:
    process = LimitProcess.below(0.01)
    process.add(Arms(Events(0.4, 100), Events(0, 0)), 1.0)
    expected = [100 * gain for gain in gains_for_limit(process.alternatives, 0.01, 0.004)]
    assert process.mixture.logs == pytest.approx(expected)
