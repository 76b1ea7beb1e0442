# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a gate found, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .attribution import Attribution
from .check import Counters, Events
from .evidence import Look
from .judges.judge import Verdict
from .statistics.assessment import Assessment
from .switch import Rollback
from .watched import RETURNED, Watched


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check at the end.

    `queries` are as they were sent, `selectors` which of the series they bring count as what, `note` is what else a
    person should know, and `explanation` why there was nothing to count.
    """

    name: str
    verdict: Verdict
    reason: str
    limit: Mapping[str, float]
    selectors: Mapping[str, Sequence[str]]
    queries: Sequence[str]
    series: int
    note: str = ""
    explanation: str = ""
    events: Events | None = None
    value: float | None = None
    pods: Mapping[str, Events] = field(default_factory=dict)
    assessment: Assessment | None = None
    dry_run: bool = False
    attribution: Attribution | None = None

    def as_dict(self) -> dict[str, Any]:
        pairs: dict[str, Any] = {
            "name": self.name,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "limit": dict(self.limit),
            "selectors": {kind: list(found) for kind, found in self.selectors.items()},
            "queries": list(self.queries),
            "series": self.series,
            "note": self.note,
            "dry_run": self.dry_run,
        }
        if self.events is None:
            return pairs | {"value": self.value}
        pods = {pod: {"bad": whole(events.bad), "total": whole(events.total)} for pod, events in self.pods.items()}
        counted = {"bad": whole(self.events.bad), "total": whole(self.events.total)}
        evidence = {"evidence": self.assessment.as_dict()} if self.assessment else {}
        evidence |= {"attribution": self.attribution.as_dict()} if self.attribution else {}
        return pairs | counted | {"rate": round(self.events.rate, 6), "pods": pods} | evidence


@dataclass(frozen=True, slots=True)
class GateResult:
    """Everything that a gate has to say. `error` is a word when the gate did not end by its own judgement."""

    verdict: Verdict
    reason: str
    checks: Sequence[CheckResult]
    looks: int
    seconds: float
    measurements: Sequence[Mapping[str, Any]] = ()
    changed: bool = False
    before: Mapping[str, int] | None = None
    after: Mapping[str, int] | None = None
    rollback: Rollback | None = None
    first_breach_at: float | None = None
    error: str = ""
    notes: Sequence[str] = ()
    evidence_since: float | None = None
    evidence_config: str = ""
    paused: bool = False

    def as_dict(self) -> dict[str, Any]:
        pairs: dict[str, Any] = {
            "verdict": self.verdict.value,
            "reason": self.reason,
            "paused": self.paused,
            "checks": [check.as_dict() for check in self.checks],
            "looks": self.looks,
            "seconds": round(self.seconds, 3),
            "measurements": list(self.measurements),
            "changed": self.changed,
            "before": self.before,
            "after": self.after,
            "rollback": self.rollback.as_dict() if self.rollback else None,
            "first_breach_at": self.first_breach_at,
            "evidence_since": self.evidence_since,
            "evidence_config": self.evidence_config,
            "notes": list(self.notes),
        }
        return pairs | ({"error": self.error} if self.error else {})


def measurements(watched: Sequence[Watched]) -> list[dict[str, Any]]:
    """The latest looks of all checks, the oldest first."""
    latest: dict[float, dict[str, Any]] = {}
    for one in watched:
        for look in list(one.evidence.looks)[-RETURNED:]:
            latest.setdefault(look.at, {"at": round(look.at, 3)})[one.check.name] = _measurement(one, look)
    return [latest[at] for at in sorted(latest)][-RETURNED:]


def _measurement(one: Watched, look: Look) -> Any:
    if not look.has_data:
        return {"no_data": look.gap} if look.gap else {"error": look.error}
    if isinstance(one.measure, Counters):
        weighed = next((found for found in one.weighed if found[0] == look.at), None)
        counted = {"bad": whole(look.events.bad), "total": whole(look.events.total)}
        return counted | ({"against": round(weighed[1], 4), "for": round(weighed[2], 4)} if weighed else {})
    return {"value": look.value}


def whole(count: float) -> float:
    """Counters are numbers with a point that hardly ever need it."""
    return int(count) if count == int(count) else count
