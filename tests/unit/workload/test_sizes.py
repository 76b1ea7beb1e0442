# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes: never too few, never none."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.workload.sizes import pods_for
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("live", "weight", "pods"),
    [(3, 10, 1), (3, 25, 1), (3, 50, 2), (3, 75, 3), (3, 100, 3), (10, 10, 1), (11, 10, 2), (0, 50, 1), (3, 0, 0)],
)
def test_examples(live: int, weight: int, pods: int) -> None:
    assert pods_for(live, weight) == pods


@given(st.integers(1, 10_000), st.integers(1, 100))
def test_no_pod_of_the_canary_gets_more_traffic_than_one_of_stable(live: int, weight: int) -> None:
    pods = pods_for(live, weight)
    assert pods >= 1
    assert pods * 100 >= live * weight
    assert (pods - 1) * 100 < live * weight or pods == 1
