# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from math import exp, log

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.limit import LimitProcess
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.ratio import Arms
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats


def log_e(process: LimitProcess, *events: Events, dispersion: float = 1.0) -> float:
    for one in events:
        process.add(Arms(one, Events(0, 0)), dispersion)
    return process.mixture.log_e


def test_is_the_likelihood_ratio_of_scipys_binomial() -> None:
    process = LimitProcess.above(0.01)
    null = stats.binom.pmf(7, 200, 0.01)
    expected = sum(stats.binom.pmf(7, 200, q) / null for q in process.alternatives) / len(process.alternatives)
    assert log_e(process, Events(7, 200)) == pytest.approx(log(expected), abs=1e-9)


@pytest.mark.parametrize("limit", [0.001, 0.05, 0.3, 0.85, 0.97])
def test_the_alternatives_are_on_their_side(limit: float) -> None:
    assert all(limit < one < 1 for one in LimitProcess.above(limit).alternatives)
    assert all(0 < one < limit for one in LimitProcess.below(limit).alternatives)


@pytest.mark.parametrize("limit", [0.001, 0.05, 0.3, 0.85])
@pytest.mark.parametrize("count", [1, 5, 30])
def test_under_the_null_no_gain_is_expected(limit: float, count: int) -> None:
    def expected(kind: str, share: float) -> float:
        def e(bad: int) -> float:
            return exp(log_e(getattr(LimitProcess, kind)(limit), Events(bad, count)))

        return sum(stats.binom.pmf(bad, count, share) * e(bad) for bad in range(count + 1))

    assert expected("above", limit) == pytest.approx(1.0)
    assert expected("below", limit) == pytest.approx(1.0)
    assert expected("above", limit * 0.9) <= 1
    assert expected("below", min(1.0, limit * 1.1)) <= 1


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 500)), max_size=10))
def test_only_the_sums_matter(counts: list[tuple[int, int]]) -> None:
    bad, good = sum(one[0] for one in counts), sum(one[1] for one in counts)
    parts = log_e(LimitProcess.above(0.02), *(Events(x, x + y) for x, y in counts), Events(0, 0))
    assert parts == pytest.approx(log_e(LimitProcess.above(0.02), Events(bad, bad + good)), abs=1e-9)


def test_dispersion_takes_evidence_away() -> None:
    events = Events(30, 1000)
    assert log_e(LimitProcess.above(0.01), events, dispersion=4.0) < log_e(LimitProcess.above(0.01), events)


def test_enough_good_requests_are_evidence_for_promotion() -> None:
    assert log_e(LimitProcess.below(0.01), Events(0, 500)) > log(20)
