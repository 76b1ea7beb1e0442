# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.text import number, percent, seconds
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.01, "1 %"),
        (0.005, "0.5 %"),
        (1 / 3, "33 %"),
        (0.0714, "7.1 %"),
        (0.9999, "99.99 %"),
        (0.999, "99.90 %"),
        (0.99999, "99.99 %"),
        (1e-7, "<0.001 %"),
    ],
)
def test_percent(share: float, text: str) -> None:
    assert percent(share) == text


@given(st.floats(1e-9, 1 - 1e-9))
def test_nothing_is_shown_as_none_or_as_all_that_is_not(share: float) -> None:
    assert percent(share) not in ("0 %", "100 %")


@pytest.mark.parametrize(("value", "text"), [(12.0, "12"), (0.25, "0.25"), (1e20, "1e+20"), (math.inf, "inf")])
def test_number(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.42, "0.4 s"), (9.97, "10 s"), (12.3, "12 s"), (119.8, "2 min 0 s"), (179.7, "3 min 0 s"), (185, "3 min 5 s")],
)
def test_seconds(value: float, text: str) -> None:
    assert seconds(value) == text


@given(st.floats(0, 1e6))
def test_seconds_are_never_off_by_more_than_they_are_rounded(value: float) -> None:
    *minutes, rest, dummy = seconds(value).replace(" min", "").split()
    assert float(rest) < (60 if minutes else 120)
    assert abs(60 * sum(map(int, minutes)) + float(rest) - value) <= 0.51
