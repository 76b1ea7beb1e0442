# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times in which nothing is released."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.policy.freeze import DAYS, BadFreeze, Freeze, shown
from hypothesis import given
from hypothesis import strategies as st


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()


def until(now: str, **window: Any) -> str:
    ends = Freeze.parse({"reason": "r", **window}).until(at(now))
    return shown(ends) if ends else ""


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-12-20 17:59", ""),
        ("2026-12-20 18:00", "2027-01-04 06:00 UTC"),
        ("2027-01-04 05:59", "2027-01-04 06:00 UTC"),
        ("2027-01-04 06:00", ""),
    ],
)
def test_once(now: str, ends: str) -> None:
    assert until(now, **{"from": "2026-12-20 18:00", "to": "2027-01-04 06:00"}) == ends


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-11-27 15:59", ""),  # a Friday
        ("2026-11-27 16:00", "2026-11-28 06:00 UTC"),
        ("2026-11-28 05:59", "2026-11-28 06:00 UTC"),
        ("2026-11-28 06:00", ""),
        ("2026-11-26 23:00", ""),
    ],
)
def test_every_week_and_past_midnight(now: str, ends: str) -> None:
    assert until(now, days=["Friday"], **{"from": "16:00", "to": "06:00"}) == ends


def test_whole_days() -> None:
    assert until("2026-11-28 12:00", days=["sat", "sun"]) == "2026-11-29 00:00 UTC"
    assert until("2026-11-30 00:00", days=["sat", "sun"]) == ""


def test_a_time_zone() -> None:
    window = {"days": ["mon"], "from": "00:00", "to": "01:00", "timezone": "Europe/Berlin"}
    assert until("2026-11-29 23:30", **window) == "2026-11-30 01:00 CET"
    assert until("2026-11-30 00:30", **window) == ""


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.sampled_from(DAYS),
)
def test_a_window_that_is_on_ends_later_and_within_a_day(now: datetime, opens: int, closes: int, day: str) -> None:
    window = {key: f"{minute // 60:02}:{minute % 60:02}" for key, minute in (("from", opens), ("to", closes))}
    here = now.replace(tzinfo=timezone.utc)
    ends = Freeze.parse({"days": [day], "reason": "r", **window}).until(here.timestamp())
    assert ends is None or timedelta(0) < ends - here <= timedelta(days=1)


@pytest.mark.parametrize(
    ("window", "told"),
    [
        ({"reason": ""}, "without a reason"),
        ({}, "from: '' is no date"),
        ({"from": "2026-12-20", "to": "tomorrow"}, "to: 'tomorrow' is no date"),
        ({"from": "2026-12-20", "to": "2026-12-20"}, "ends before it begins"),
        ({"days": ["someday"]}, "days: someday; expected some of mon"),
        ({"days": ["fri"], "from": "960"}, "from: '960' is no time; expected one such as '16:00', in quotes"),
        ({"days": ["fri"], "timezone": "Mars/Base"}, "timezone: 'Mars/Base' is not known here"),
    ],
)
def test_what_cannot_be_understood(window: dict[str, Any], told: str) -> None:
    with pytest.raises(BadFreeze, match=told):
        Freeze.parse({"reason": "r", **window})
