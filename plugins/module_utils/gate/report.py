# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person sees while a gate runs, and the sentences at its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from .check import Counters
from .judge_options import COMPARING
from .judges.judge import Verdict
from .sources.source import SourceError
from .text import number, percent, seconds
from .watched import Watched

# Lines about looks at which nothing has changed come no more often than this (seconds), nor than this share of the time
# that has gone: the fortieth minute need not be told second by second.
EVERY = 1.0
SHARE = 1 / 30
Say = Callable[[str], None]


def silent(line: str) -> None:
    """A Say that says nothing."""


def to_file(path: str) -> Say:
    """A Say that appends lines to a file. Progress is a courtesy: no failure of it may harm the gate."""

    def say(line: str) -> None:
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError:
            pass

    return say


class Reporter:
    """One line per look, the fewer the longer it lasts; a look at which something has changed is always told."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._begun: float | None = None
        self._told = float("-inf")
        self._state: object = None

    def say(self, line: str) -> None:
        self._say(line)

    def look(self, now: float, number_of: int, left: str, watched: Sequence[Watched]) -> None:
        state = [(one.opinion.verdict, bool(_trouble(one))) for one in watched]
        self._begun = now if self._begun is None else self._begun
        if state == self._state and now - self._told < max(EVERY, SHARE * (now - self._begun)):
            return
        self._told, self._state = now, state
        self._say(f"look {number_of}: {'; '.join([*map(_line, watched), left])}")

    def trouble(self, now: float, when: str, error: SourceError, more: str) -> None:
        if self._state != error.kind or now - self._told >= EVERY:
            self._told, self._state = now, error.kind
            self._say(f"{when}: no measurements: {error} ({more})")

    def waiting(self, now: float, line: str) -> None:
        if now - self._told >= EVERY:
            self._told = now
            self._say(line)


def _trouble(one: Watched) -> str:
    latest = one.evidence.latest
    return "" if latest is None else latest.error or latest.gap


def _line(one: Watched) -> str:
    """`errors 3 of 41 = 7.3 % (limit 1 %)`; where evidence is weighed, the events that it rests on."""
    check, trouble = one.check, _trouble(one)
    if not isinstance(one.measure, Counters):
        latest = one.evidence.latest
        value = "no value" if latest is None or latest.value is None else number(latest.value)
        said = f"{check.name} {value} ({limits_of(one)})"
    elif one.evidence.events.total:
        weighed = one.opinion.assessment
        events = weighed.canary if weighed is not None and weighed.canary.total else one.evidence.events
        share = f"{number(events.bad)} of {number(events.total)} = {percent(events.rate)}"
        if weighed is not None and weighed.baseline is not None and weighed.baseline.total:
            share += f", {check.baseline_arm} {percent(weighed.baseline.rate)}"
        said = f"{check.name} {share} ({limits_of(one)})"
        if weighed is not None:
            said += f", {weighed.weight()}"
    else:
        said = f"{check.name} no requests yet ({limits_of(one)})"
    if check.dry_run:
        said += ", a dry run"
    verdict = f" {one.opinion.verdict.name}" if one.opinion.verdict is not Verdict.UNDECIDED else ""
    return said + verdict + (f", now no data: {trouble}" if trouble else "")


def limits_of(one: Watched) -> str:
    check = one.check
    if check.judge == "kayenta":
        return f"compared with {check.baseline_arm}"
    if check.judge in COMPARING:
        return f"at most {number(check.margins.max_ratio)} times {check.baseline_arm}"
    if isinstance(one.measure, Counters):
        return f"limit {percent(check.limit)}"
    limits = [f"min {number(check.floor)}"] if check.floor != float("-inf") else []
    return ", ".join(limits + ([f"max {number(check.ceiling)}"] if check.ceiling != float("inf") else []))


def time_left(left: float) -> str:
    return f"{seconds(left)} left" if left > 0 else "time is up"


def looks_left(left: int) -> str:
    if left <= 0:
        return "that was the last look"
    return "1 look left" if left == 1 else f"{left} looks left"
