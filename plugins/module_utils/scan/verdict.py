# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether findings stop a release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from .sarif import SEVERITIES, Finding


class BadException(Exception):
    """An exception that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Exemption:
    """A finding that somebody has looked at and accepts, and until when."""

    rule: str  # may hold * and ?
    reason: str
    until: date | None = None

    @classmethod
    def parse(cls, entry: Mapping[str, Any]) -> Exemption:
        """Raises BadException."""
        try:
            until = date.fromisoformat(str(entry["until"])) if entry.get("until") else None
        except ValueError as error:
            raise BadException(
                f"accept: until of {entry['rule']} is '{entry['until']}', no day like 2026-03-31"
            ) from error
        if not str(entry.get("reason") or "").strip():
            raise BadException(f"accept: {entry['rule']} has no reason; say why it may stay")
        return cls(str(entry["rule"]), str(entry["reason"]), until)

    def covers(self, finding: Finding, today: date) -> bool:
        """Grype adds the package's name to that of the finding: CVE-2024-3094-xz."""
        named = fnmatchcase(finding.rule, self.rule) or finding.rule.startswith(f"{self.rule}-")
        return named and not self.lapsed(today)

    def lapsed(self, today: date) -> bool:
        return self.until is not None and self.until < today


@dataclass(frozen=True, slots=True)
class Judgement:
    """What stops the release, what was accepted, and how many there are of each severity."""

    stopping: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    counts: Mapping[str, int]
    notes: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.stopping


def judge(findings: Sequence[Finding], fail_on: str, exemptions: Sequence[Exemption], today: date) -> Judgement:
    """Findings of `fail_on` and worse stop, unless they are accepted. `never` lets everything pass."""
    accepted = tuple(one for one in findings if any(exemption.covers(one, today) for exemption in exemptions))
    rest = [one for one in findings if one not in accepted]
    least = len(SEVERITIES) if fail_on == "never" else SEVERITIES.index(fail_on)
    stopping = tuple(one for one in rest if SEVERITIES.index(one.severity) >= least)
    counts = Counter(one.severity for one in findings)
    return Judgement(
        stopping, accepted, {name: counts[name] for name in reversed(SEVERITIES)}, _notes(exemptions, today)
    )


def sentence(judgement: Judgement, fail_on: str) -> str:
    """For people: how many, of what kind, and the worst by name."""
    total = sum(judgement.counts.values())
    counted = ", ".join(f"{number} {name}" for name, number in judgement.counts.items() if number) or "nothing"
    allowed = f"; {len(judgement.accepted)} accepted" if judgement.accepted else ""
    if judgement.passed:
        return (
            f"The scan found {counted}{allowed}: nothing that is {_worse(fail_on)}."
            if total
            else "The scan found nothing."
        )
    named = ", ".join(
        f"{one.rule} ({one.severity}{': ' + one.place if one.place else ''})" for one in judgement.stopping[:5]
    )
    more = f" and {len(judgement.stopping) - 5} more" if len(judgement.stopping) > 5 else ""
    stopping = f"{len(judgement.stopping)} that may not be released ({_worse(fail_on)}): {named}{more}"
    return f"The scan found {counted}{allowed}; {stopping}."


def _worse(fail_on: str) -> str:
    return {"critical": "critical", "never": "counted"}.get(fail_on, f"{fail_on} or worse")


def _notes(exemptions: Sequence[Exemption], today: date) -> tuple[str, ...]:
    return tuple(
        f"The exception for {one.rule} lapsed on {one.until}: {one.reason}" for one in exemptions if one.lapsed(today)
    )
