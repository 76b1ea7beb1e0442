# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a loop that has ended to its result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

from ..traffic.apply import SplitChange
from .attribution import Attribution
from .bad_pod import attributed
from .check import Counters
from .decision import Ending
from .diagnose import explain
from .judges.judge import Verdict
from .loop import Loop
from .sources.source import Source
from .switch import Rollback
from .verdict import CheckResult, GateResult, measurements
from .watched import Watched


def result(
    ending: Ending, loop: Loop, shifted: SplitChange | None, rollback: Rollback | None, took: float
) -> GateResult:
    """Asks the source why selectors found nothing, where that matters; so it comes after traffic has been moved."""
    asking = None if ending.error or ending.verdict is Verdict.PASS else loop.source
    seen = loop.faults.seen if loop.faults is not None else {}
    checks = [_check(one, loop.source, asking, attributed(one, seen)) for one in loop.watched]
    before = shifted.before.as_dict() if shifted else None
    after = rollback.split if rollback and rollback.done else shifted.after if shifted else None
    return GateResult(
        verdict=ending.verdict,
        reason=". ".join([ending.reason, *_explained(checks)]),
        checks=checks,
        looks=loop.looks,
        seconds=took,
        measurements=measurements(loop.watched),
        changed=bool(shifted and shifted.changed) or bool(rollback and rollback.changed),
        before=before,
        after=after.as_dict() if after else None,
        rollback=rollback,
        first_breach_at=_first_breach(loop),
        error=ending.error,
        paused=ending.paused,
        notes=[*loop.notes, *_dry(loop)],
        evidence_since=loop.since,
        evidence_config=loop.config,
    )


def _dry(loop: Loop) -> Iterator[str]:
    for one in loop.watched:
        if one.check.dry_run:
            words = {Verdict.PASS: "would have passed", Verdict.FAIL: "would have failed"}
            yield f"{one.check.name}, a dry run, {words.get(one.verdict, 'could not tell')}: {one.opinion.reason}"


def _explained(checks: Sequence[CheckResult]) -> Iterator[str]:
    """Why there was nothing to count, and what carries the failures of checks that decide."""
    for check in checks:
        if check.explanation:
            yield check.explanation
        if check.attribution is not None and check.attribution.said and not check.dry_run:
            yield f"Of {check.name}: {check.attribution.said}"


def _check(one: Watched, source: Source, asking: Source | None, attribution: Attribution | None) -> CheckResult:
    check, measure = one.check, one.measure
    counters = isinstance(measure, Counters)
    latest = one.evidence.latest
    explanation = ""
    if asking is not None and one.selectors() and one.series == 0:
        explanation = explain(one.selectors()[0], asking)
    return CheckResult(
        name=check.name,
        verdict=one.verdict,
        reason=one.opinion.reason,
        limit=limits(one),
        selectors=selectors(one),
        queries=[*source.sent(one.selectors()), *one.expressions()],
        series=one.series,
        note=one.buckets or explanation or _unmatched(one),
        explanation=explanation,
        events=(one.opinion.events or one.evidence.events) if counters else None,
        value=latest.value if latest else None,
        pods=one.evidence.pods,
        assessment=one.opinion.assessment,
        dry_run=check.dry_run,
        attribution=attribution,
    )


def _unmatched(one: Watched) -> str:
    """Counters with labels begin to exist with their first event, so this is usual, and yet it may be a mistake."""
    if not one.unmatched:
        return ""
    kind = "good" if isinstance(one.measure, Counters) and one.measure.good else "bad"
    return f"no series has ever matched the selector of {kind} events, as is usual while there are none"


def limits(one: Watched) -> Mapping[str, float]:
    """`max` of a share, `min` and `max` of a value, as far as they are given."""
    if isinstance(one.measure, Counters):
        return {"max": one.check.limit}
    both = {"min": one.check.floor, "max": one.check.ceiling}
    return {name: value for name, value in both.items() if isfinite(value)}


def selectors(one: Watched) -> Mapping[str, Sequence[str]]:
    """Which series are counted as what: one question to the source may bring them all."""
    if not isinstance(one.measure, Counters):
        return {"gauge": [str(selector) for selector in one.selectors()]}
    every, part = ([str(selector) for selector in kind] for kind in (one.measure.all, one.measure.part))
    if one.measure.bound is not None:
        return {"buckets": every}
    return {"all": every, "good" if one.measure.good else "bad": part}


def _first_breach(loop: Loop) -> float | None:
    """When the first of the bad events was seen that made a check fail; of a gauge, when it was outside."""
    moments = []
    for one in loop.watched:
        if one.opinion.verdict is Verdict.FAIL:
            found = one.evidence.first_bad(one.opinion.since)
            latest = one.evidence.latest
            moments.append(found if found is not None or latest is None else latest.at)
    return min((moment for moment in moments if moment is not None), default=None)
