# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One rollout, as the ledger keeps it: what it was to bring, what was there before, how far it came, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timezone
from typing import Any

# How far an open rollout has come.
OPENED = "opened"  # nothing that users would notice
JUDGING = "judging"  # users are on the release while a gate watches
PROVEN = "proven"  # every gate was passed; the release is made the only one
PHASES = (OPENED, JUDGING, PROVEN)

LONGEST_TEXT = 600  # characters of a reason
MOST_EVIDENCE = 20  # stages that are kept
MOST_NOTES = 10
# What an entry needs only while it is open.
_WHILE_OPEN = ("former", "undo", "phase", "holder", "question", "answer")


@dataclass(frozen=True, slots=True)
class Entry:
    """`release`: title, image (by digest), asked (as the user named it), config.

    `former`: all that is needed to go back. `undo`: the one module call that makes users safe at once, as
    {module, options}. `question`: why a gate has paused, while it does; `answer`: what a person said, as {passes, by,
    why}. Times are UTC, as text.
    """

    strategy: str
    release: dict[str, Any] = field(default_factory=dict)
    by: str = ""
    since: str = ""
    ended: str = ""
    outcome: str = ""
    reason: str = ""
    phase: str = OPENED
    stage: str = ""
    replaced: dict[str, Any] = field(default_factory=dict)
    evidence: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    holder: str = ""
    undo: dict[str, Any] = field(default_factory=dict)
    former: dict[str, Any] = field(default_factory=dict)
    question: str = ""
    answer: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Entry:
        """What a newer version may have added is left out."""
        known = {one.name for one in fields(cls)}
        given = {key: value for key, value in data.items() if key in known}
        for key in ("evidence", "notes"):
            given[key] = tuple(given.get(key) or ())
        return cls(**{"strategy": "", **given})

    def reached(self, phase: str, stage: str = "", evidence: Mapping[str, Any] | None = None) -> Entry:
        """One step on, with what was seen."""
        kept = self.evidence if evidence is None else (*self.evidence, _short(evidence))[-MOST_EVIDENCE:]
        return replace(self, phase=phase or self.phase, stage=stage or self.stage, evidence=kept)

    def asking(self, question: str) -> Entry:
        """With a question to people, "" for none any more; what was said to the one before is forgotten."""
        return replace(self, question=question[:LONGEST_TEXT], answer={})

    def answered(self, answer: Mapping[str, Any]) -> Entry:
        said = f"{answer['by']} has said that it {'passes' if answer['passes'] else 'fails'}"
        return replace(self.noted(f"{said}: {answer['why']}" if answer["why"] else said), answer=dict(answer))

    def adopted(self, holder: str, note: str) -> Entry:
        """By the run that sees to it now."""
        return self if self.holder == holder else replace(self.noted(note), holder=holder)

    def noted(self, note: str) -> Entry:
        """With one note more, the latest kept."""
        return replace(self, notes=(*self.notes, note)[-MOST_NOTES:])

    def instead_of(self, former: Entry) -> Entry:
        """The same rollout begun anew: what is known of it already is kept."""
        return replace(self, since=former.since, evidence=former.evidence, notes=former.notes or self.notes)

    def closed(self, outcome: str, reason: str, now: str) -> Entry:
        """As the history keeps it."""
        return replace(self, outcome=outcome, reason=reason[:LONGEST_TEXT], ended=now)

    def as_dict(self) -> dict[str, Any]:
        """Without what is empty, and for an ended one without what only an open one needs."""
        left_out = _WHILE_OPEN if self.ended else ()
        pairs = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}
        return {key: value for key, value in pairs.items() if value not in ("", [], {}) and key not in left_out}

    def title(self) -> str:
        return str(self.release.get("title") or self.release.get("image") or "a release")

    def describe(self) -> str:
        """`canary of shop:2.4.1, at 25 %, since … by …`."""
        at = f", at {self.stage}" if self.stage else ""
        return f"{self.strategy} of {self.title()}{at}, since {self.since} by {self.by}"


def moment(seconds: float) -> str:
    """Seconds since the Unix epoch as the ledger writes them, in UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def _short(evidence: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value[:LONGEST_TEXT] if isinstance(value, str) else value for key, value in evidence.items()}
