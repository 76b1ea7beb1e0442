# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a component gains per second, beside what the processes themselves gain."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events, Margins
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.growth import Stream, promote, rollback
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.limit import LimitProcess
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.ratio import Arms, RatioProcess

STREAM = Stream("sequential", 100.0, 0.01, 2.0)
SECOND = Arms(Events(0.3, 10.0), Events(0.9, 90.0))  # as expected of a release that is bad 3 times as often


def test_the_ratio_grows_as_the_process_does_on_average() -> None:
    process = RatioProcess.rollback(1.25)
    process.add(SECOND, 2.0)
    growth = rollback(STREAM, 3.0, 0.1)
    assert [one.mean for one in growth.drifts] == pytest.approx(process.mixture.logs, abs=1e-12)
    passing = RatioProcess.promote(1.5)
    passing.add(SECOND, 2.0)
    assert [one.mean for one in promote(STREAM, 3.0, 0.1).drifts] == pytest.approx(passing.mixture.logs, abs=1e-12)


def test_so_does_the_share_beside_a_limit() -> None:
    stream = replace(STREAM, judge="slo", limit=0.02)
    process, below = LimitProcess.above(0.02), LimitProcess.below(0.02)
    for one, growth in ((process, rollback(stream, 3.0, 0.1)), (below, promote(stream, 3.0, 0.1))):
        one.add(SECOND, 2.0)
        assert [drift.mean for drift in growth.drifts] == pytest.approx(one.mixture.logs, abs=1e-12)


def test_bursts_take_their_share_of_mean_and_variance() -> None:
    plain, bursts = (rollback(replace(STREAM, dispersion=phi), 3.0, 0.1).drifts[3] for phi in (1.0, 4.0))
    assert (bursts.mean, bursts.variance) == pytest.approx((plain.mean / 4, plain.variance / 4))


def test_a_healthy_release_loses_what_bets_against_it() -> None:
    assert all(one.mean < 0 for one in rollback(STREAM, 1.0, 0.1).drifts)
    slow = Stream("latency", 100.0, 0.01, 1.0, Margins(1.1, 1.5))
    assert all(one.mean < 0 for one in rollback(slow, 1.0, 0.1).drifts)
    assert any(one.mean > 0 for one in rollback(slow, 2.0, 0.1).drifts)
