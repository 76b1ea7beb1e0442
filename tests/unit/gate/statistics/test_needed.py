# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from math import inf, log

import numpy as np
import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.needed import (
    binomial_divergence,
    requests_for_limit,
    requests_for_ratio,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.ratio import Arms, RatioProcess
from scipy import stats


def test_the_divergence_is_scipys() -> None:
    assert binomial_divergence(0.1, 0.3) == pytest.approx(float(stats.entropy([0.1, 0.9], [0.3, 0.7])), abs=1e-12)
    assert binomial_divergence(0.0, 0.3) == pytest.approx(-log(0.7))
    assert binomial_divergence(0.3, 0.0) == inf


def ratio(**changes: float) -> float:
    usual = {"truth": 1.0, "bound": 1.5, "share": 0.1, "base": 0.01, "log_threshold": log(20), "dispersion": 1.0}
    return requests_for_ratio(**{**usual, **changes}, components=12)


def test_is_what_a_healthy_release_needs_by_simulation() -> None:
    random = np.random.default_rng(5)
    found = []
    for _run in range(200):
        process, requests = RatioProcess.promote(1.5), 0
        while process.mixture.peak < log(20):
            requests += 250
            process.add(Arms(Events(random.binomial(250, 0.01), 250), Events(random.binomial(2250, 0.01), 2250)), 1.0)
        found.append(requests)
    assert np.median(found) == pytest.approx(ratio(), rel=0.35)


def test_more_is_needed_where_failures_are_rare_or_come_in_bursts() -> None:
    assert ratio(base=0.001) == pytest.approx(10 * ratio())
    assert ratio(dispersion=3.0) == pytest.approx(3 * ratio())


def test_nothing_helps_where_nothing_can_differ() -> None:
    assert ratio(truth=1.5) == inf
    assert ratio(share=0.0) == inf
    assert requests_for_limit(truth=0.01, limit=0.01, log_threshold=3.0, components=16, dispersion=1.0) == inf


def test_a_limit_needs_fewer_the_farther_it_is() -> None:
    near, far = (
        requests_for_limit(truth=truth, limit=0.01, log_threshold=3.0, components=16, dispersion=1.0)
        for truth in (0.008, 0.001)
    )
    assert 100 < far < near
