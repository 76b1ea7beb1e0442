# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A judge: from evidence to an opinion."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from ..check import Check, Events
from ..evidence import Evidence
from ..statistics.assessment import Assessment


class Verdict(str, Enum):
    """What may be thought of a check, or of a whole gate; UNDECIDED is no final word."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Opinion:
    """A judge's view after one look.

    `events` are those it rests on (of a gauge None), `reason` is a clause for a sentence that begins with the check's
    name, `since` the time (wall clock) from which on the evidence counts, `assessment` what a sequential test found.
    `shared` marks an incident that befalls the baseline as well, which is no fault of the release.
    """

    verdict: Verdict
    reason: str
    events: Events | None = None
    since: float = float("-inf")
    assessment: Assessment | None = None
    shared: bool = False


class Judge(Protocol):
    """Has no memory of its own: the same evidence gives the same opinion."""

    def opinion(self, check: Check, evidence: Evidence, *, final: bool) -> Opinion:
        """What to think after the latest look. When `final`, time is up and UNDECIDED is no answer."""
