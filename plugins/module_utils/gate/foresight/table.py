# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The outlook as lines for people."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from ..text import number, percent
from .outlook import Outlook
from .schedule import Schedule, Target
from .spans import frequency, span

_HEAD = (
    *("check", "canary", "soak", "found 80 %", "found 95 %", "x1.5 after", "x2 after", "x5 after"),
    *("passes after", "false alarm"),
)


def table(outlooks: Sequence[Outlook]) -> list[str]:
    """A row for each check and split, under a head."""
    rows = [_HEAD, *(_row(one) for one in outlooks)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEAD))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def advice(schedule: Schedule | None, target: Target) -> str:
    """`10 % for 4 min, 25 % for 12 min: 16 min in all, after which x2 is found with 95 %`."""
    goal = f"x{number(target.ratio)} is found with {percent(target.probability)}"
    if schedule is None:
        return f"No schedule of stages of up to a fortnight reaches the target, that {goal}. Choose a larger ratio."
    stages = ", ".join(f"{percent(one.share)} for {span(one.seconds)}" for one in schedule.stages)
    return f"Soonest: {stages}; {span(schedule.seconds)} in all, after which {goal}."


def _row(one: Outlook) -> tuple[str, ...]:
    return (
        one.check,
        f"{percent(one.share)}, {frequency(one.stream.rate * one.share)}",
        span(one.seconds),
        *(_ratio(found) for found in one.smallest),
        *(span(time) for time in one.find),
        span(one.passes) if one.stream.judge != "threshold" else f"{span(one.seconds)} (its end)",
        percent(one.alarm),
    )


def _ratio(value: float) -> str:
    return f"x{value:.3g}" if isfinite(value) else "nothing"
