# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from math import inf

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.scores import (
    MOST_INDICATORS,
    learn,
)
from hypothesis import given
from hypothesis import strategies as st

HISTOGRAM = {0.1: 60.0, 0.2: 30.0, 0.5: 9.0, inf: 1.0}


def test_the_first_score_is_the_mid_rank() -> None:
    rank = learn(HISTOGRAM)[0]
    assert rank.values == pytest.approx([0.3, 0.75, 0.945, 0.995])
    assert rank.mean == pytest.approx(0.5)
    assert rank.beyond is None


def test_the_others_say_which_bounds_were_passed() -> None:
    found = {score.beyond: score for score in learn(HISTOGRAM)[1:]}
    assert {beyond: score.mean for beyond, score in found.items()} == pytest.approx({0.1: 0.4, 0.2: 0.1, 0.5: 0.01})
    assert found[0.2].values == [0.0, 0.0, 1.0, 1.0]
    assert found[0.2].deviation == pytest.approx(0.3)


def test_no_more_indicators_than_there_may_be() -> None:
    assert len(learn({float(bound): 10.0 for bound in range(50)})) == 1 + MOST_INDICATORS


def test_nothing_is_learnt_of_nothing_or_of_one_bucket() -> None:
    assert learn({}) == []
    assert learn({0.1: 0.0, inf: 0.0}) == []
    assert learn({0.1: 100.0, 0.2: 0.0}) == []


def test_events_by_score_with_buckets_that_were_not_there() -> None:
    rank = learn(HISTOGRAM)[0]
    assert rank.spread({0.15: 2.0, 0.2: 3.0, 0.1: 0.0, inf: 1.0}) == {rank.values[1]: 5.0, rank.values[3]: 1.0}


@given(st.dictionaries(st.floats(0.001, 100), st.floats(0, 1e6), min_size=1, max_size=40))
def test_every_score_is_between_0_and_1_and_grows_with_the_bucket(histogram: dict[float, float]) -> None:
    for score in learn(histogram):
        assert all(0 <= value <= 1 + 1e-12 for value in score.values)
        assert list(score.values) == sorted(score.values)
