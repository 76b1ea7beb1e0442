# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a gate would do: shown in check mode, with each question asked once."""

from __future__ import annotations

from typing import Any

from .check import Counters
from .diagnose import explain, misspelt
from .gate import Gate
from .judge_options import WEIGHING
from .loop import Timing
from .report import limits_of
from .results import limits, selectors
from .sources.source import Reading
from .text import number, percent, seconds
from .watched import Watched, meant


def plan(gate: Gate) -> dict[str, Any]:
    """The result in check mode. Every write is rehearsed by the API server. Raises TrafficError, SourceError."""
    loop, switch = gate.loop, gate.switch
    lines = [f"Source: {loop.source.describe()}."]
    before, after, changed = None, None, False
    if switch is not None:
        before, after = switch.rehearse()
        changed = after is not None and before != after
        lines += _route_lines(gate)
    reading = loop.source.read(loop.selectors(), loop.expressions())
    checks = []
    for one in loop.watched:
        shown, said = _shown(one, reading, gate)
        checks.append(shown)
        lines.append(said)
    lines.append(schedule(loop.timing, weighed=any(one.check.judge in WEIGHING for one in loop.watched)))
    splits = {"before": before.as_dict() if before else None, "after": after.as_dict() if after else None}
    return {"changed": changed, "checks": checks, "plan": lines, **splits, "msg": " ".join(lines)}


def schedule(timing: Timing, *, weighed: bool = False) -> str:
    """`Looks every 0.25 s for 60 s, after an initial delay of 5.0 s.` `weighed`: evidence may end it early."""
    if timing.count is not None:
        span = f"{timing.count} times, {seconds(timing.count * timing.interval)} in all"
    else:
        span = f"for {seconds(timing.duration or 0.0)}"
    delay = f", after an initial delay of {seconds(timing.initial_delay)}" if timing.initial_delay else ""
    soaked = f" after {seconds(timing.min_soak)}" if timing.min_soak else ""
    early = f", or passes when the evidence suffices{soaked}" if weighed else ""
    return f"Looks every {timing.interval:g} s {span}{delay}; ends earlier when a check fails{early}."


def _route_lines(gate: Gate) -> list[str]:
    switch = gate.switch
    return [] if switch is None else switch.describe()


def _shown(one: Watched, reading: Reading, gate: Gate) -> tuple[dict[str, Any], str]:
    """A check as data and as a line: what is asked, what came back."""
    loop, measure = gate.loop, one.measure
    queries = [*loop.source.sent(one.selectors()), *one.expressions()]
    look = one.see(reading, [])
    if isinstance(measure, Counters):
        found, said = _totals(measure, reading)
        note = one.buckets
    else:
        found = {"series": one.series, "value": look.value}
        said = look.error or look.gap or f"{number(look.value or 0.0)} now"
        note = ""
    if found["series"] == 0 and one.selectors():
        note = explain(one.selectors()[0], loop.source) or look.gap
    lost = [selector for selector in one.selectors() if not any(meant([selector], each) for each in reading.series)]
    typo = next(filter(None, (misspelt(selector, loop.source) for selector in lost)), "")
    note = typo or one.refusal(reading) or note
    line = f"Check {one.check.name} ({limits_of(one)}): {'; '.join(queries)} gives {said}."
    shown = {"name": one.check.name, "queries": queries, "selectors": selectors(one), "limit": limits(one)}
    return shown | found | {"note": note, "typo": typo}, f"{line} {note}".strip()


def _totals(measure: Counters, reading: Reading) -> tuple[dict[str, Any], str]:
    """The counters as they stand, which says whether they are the right ones."""
    every = [one for one in reading.series if meant(measure.all, one)]
    if measure.bound is not None:
        every = [one for one in every if one.labels.get("le") == "+Inf"]
    total = sum(one.value for one in every)
    said = f"{len(every)} series, {number(total)} counted so far"
    if measure.bound is None and total:
        chosen = sum(one.value for one in reading.series if meant(measure.part, one))
        said += f", of them {number(chosen)} {'good' if measure.good else 'bad'} ({percent(chosen / total)})"
    return {"series": len(every), "counted": total}, said
