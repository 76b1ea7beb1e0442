# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from itertools import pairwise

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.apportion import apportion
from hypothesis import given
from hypothesis import strategies as st

WEIGHTS = st.lists(st.integers(0, 1000), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("weights", "total", "shares"),
    [
        ([90, 10], 3, [2, 1]),
        ([90, 10], 10, [9, 1]),
        ([50, 50], 3, [2, 1]),
        ([1, 2], 100, [33, 67]),
        ([9, 1], 100, [90, 10]),
        ([1, 9999], 100, [1, 99]),
        ([100, 0], 3, [3, 0]),
        ([50, 50], 1, [1, 1]),
        ([0, 0], 5, [0, 0]),
        ([1, 1, 1], 100, [34, 33, 33]),
    ],
)
def test_known_shares(weights: list[int], total: int, shares: list[int]) -> None:
    assert apportion(weights, total) == shares


@given(WEIGHTS, st.integers(0, 200))
def test_nothing_is_lost_and_only_weights_above_zero_get_something(weights: list[int], total: int) -> None:
    shares = apportion(weights, total)
    positive = sum(1 for weight in weights if weight)
    assert sum(shares) == (max(total, positive) if positive else 0)
    assert all((share > 0) == (weight > 0) for share, weight in zip(shares, weights, strict=True))


@given(WEIGHTS, st.integers(0, 200))
def test_more_weight_never_gets_less(weights: list[int], total: int) -> None:
    pairs = sorted(zip(weights, apportion(weights, total), strict=True))
    assert all(low[1] <= high[1] for low, high in pairwise(pairs) if low[0] < high[0])


@given(WEIGHTS, st.integers(1, 200))
def test_sharing_out_what_was_shared_out_changes_nothing(weights: list[int], total: int) -> None:
    once = apportion(weights, total)
    assert apportion(once, sum(once)) == once
