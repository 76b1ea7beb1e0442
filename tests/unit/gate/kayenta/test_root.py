# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Crossings are found to within the tolerance, from any bracket."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.root import Point, crossing
from hypothesis import given
from hypothesis import strategies as st


@given(st.floats(-50, 50), st.floats(0.1, 60), st.floats(0.1, 60))
def test_a_cubic(zero: float, below: float, above: float) -> None:
    def cubic(x: float) -> float:
        return (x - zero) ** 3 + 2 * (x - zero)

    low, high = (Point(x, cubic(x)) for x in (zero - below, zero + above))
    assert crossing(cubic, low, high) == pytest.approx(zero, abs=1e-4)


@given(st.floats(-50, 50), st.floats(0.1, 60), st.floats(0.1, 60))
def test_a_step(zero: float, below: float, above: float) -> None:
    def step(x: float) -> float:
        return -1.0 if x < zero else 3.0

    found = crossing(step, Point(zero - below, -1.0), Point(zero + above, 3.0))
    assert found == pytest.approx(zero, abs=1e-4)


@pytest.mark.parametrize(("low", "high", "expected"), [((2, 0), (5, 1), 2), ((2, -1), (5, 0), 5)])
def test_an_end_that_is_zero_is_the_answer(
    low: tuple[float, float], high: tuple[float, float], expected: float
) -> None:
    assert crossing(lambda x: x, Point(*low), Point(*high)) == expected
