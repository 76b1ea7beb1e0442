# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Times in which nothing is released: once, or every week."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_SHOWN = "%Y-%m-%d %H:%M %Z"


class BadFreeze(ValueError):
    """A window that cannot be understood; the text says what was found and what is expected."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """`days` is empty for a window with a date; then `start` and `end` are moments, otherwise times of the day."""

    reason: str
    zone: tzinfo
    days: frozenset[int] = frozenset()
    start: datetime | None = None
    end: datetime | None = None
    opens: time = time(0, 0)
    closes: time = time(0, 0)

    @classmethod
    def parse(cls, window: Mapping[str, Any]) -> Freeze:
        """Raises BadFreeze."""
        zone = _zone(str(window.get("timezone") or "UTC"))
        reason = str(window.get("reason") or "")
        if not reason:
            raise BadFreeze("a window without a reason; expected one, such as reason: Christmas trade")
        begin, end = str(window.get("from") or ""), str(window.get("to") or "")
        if not window.get("days"):
            start, stop = _moment("from", begin, zone), _moment("to", end, zone)
            if stop <= start:
                raise BadFreeze(f"the window '{reason}' ends before it begins ({begin} to {end})")
            return cls(reason, zone, start=start, end=stop)
        unknown = [day for day in window["days"] if str(day).lower()[:3] not in DAYS]
        if unknown:
            raise BadFreeze(f"days: {', '.join(map(str, unknown))}; expected some of {', '.join(DAYS)}")
        days = frozenset(DAYS.index(str(day).lower()[:3]) for day in window["days"])
        opens, closes = _clock("from", begin or "00:00"), _clock("to", end or "00:00")
        return cls(reason, zone, days, opens=opens, closes=closes)

    def until(self, now: float) -> datetime | None:
        """When the window ends that is on now, or None."""
        here = datetime.fromtimestamp(now, self.zone)
        if self.start is not None and self.end is not None:
            return self.end if self.start <= here < self.end else None
        for back in (0, 1):  # yesterday's may last until this morning
            day = (here - timedelta(days=back)).date()
            opened = datetime.combine(day, self.opens, self.zone)
            closed = datetime.combine(day, self.closes, self.zone)
            closed += timedelta(days=1) if self.closes <= self.opens else timedelta(0)
            if day.weekday() in self.days and opened <= here < closed:
                return closed
        return None


def shown(moment: datetime) -> str:
    return moment.strftime(_SHOWN)


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadFreeze(f"timezone: '{name}' is not known here; expected a name such as Europe/Berlin") from error


def _moment(field: str, text: str, zone: tzinfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        expected = "'2026-12-20 18:00', or days: [fri, sat]"
        raise BadFreeze(f"{field}: '{text}' is no date; expected one such as {expected}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _clock(field: str, text: str) -> time:
    found = _TIME.fullmatch(text)
    if not found:
        raise BadFreeze(f"{field}: '{text}' is no time; expected one such as '16:00', in quotes")
    return time(int(found.group(1)), int(found.group(2)))
