# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a gate notes in the ledger of the rollout that it belongs to: that users are on a stage, and how that went."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..cluster import Cluster, ClusterError
from ..rollout.entry import JUDGING
from ..rollout.fence import Lock
from ..rollout.ledger import Ledger
from .pause import Answer
from .verdict import GateResult


@dataclass(frozen=True, slots=True)
class Marks:
    """Without a ledger nothing is noted. With `resumes` the question has been asked before, and may be answered."""

    stage: str
    ledger: Ledger | None
    resumes: bool = False

    @classmethod
    def of(cls, params: Mapping[str, Any], connect: Callable[[], Cluster]) -> Marks:
        """From the options `lock` and `stage`; the cluster is connected to only where there are both."""
        lock = params.get("lock") or {}
        if not params.get("stage") or not lock.get("holder"):
            return cls("", None)
        ledger = Ledger(connect(), Lock.parse(lock).names)
        return cls(params["stage"], ledger, params.get("on_pause") == "resume")

    def begun(self) -> None:
        """Before any user is on it, so that a crash is known for what it was. Raises ClusterError."""
        if self.ledger is not None:
            self.ledger.update(lambda entry: entry.reached(JUDGING, self.stage))

    def paused(self, why: str) -> str:
        """Ask people how it is to end. Never raises: returns how they answer, or that they cannot."""
        if self.ledger is None:
            return "Nobody can be asked, since it belongs to no rollout."
        try:
            self.ledger.update(lambda entry: entry if self.resumes and entry.answer else entry.asking(why))
        except ClusterError as error:
            return f"Nobody can be asked: {error}"
        return "To end it: playbooks/answer.yml -e slipway_answer=pass, or fail."

    def answer(self) -> Answer | None:
        """What was said since. Never raises: what cannot be read is asked for again."""
        if self.ledger is None:
            return None
        try:
            entry = self.ledger.read().open
        except ClusterError:
            return None
        if entry is None or not entry.answer:
            return None
        return Answer(
            bool(entry.answer.get("passes")), str(entry.answer.get("by", "")), str(entry.answer.get("why", ""))
        )

    def judged(self, result: GateResult) -> str:
        """After traffic was taken back, if it was. Never raises: returns what went wrong, "" if nothing did."""
        if self.ledger is None or result.paused:
            return ""
        evidence = {
            "stage": self.stage,
            "verdict": result.verdict.value,
            "reason": result.reason,
            "seconds": round(result.seconds, 1),
            "looks": result.looks,
            "evidence_since": result.evidence_since,
            "evidence_config": result.evidence_config,
        }
        try:
            self.ledger.update(lambda entry: entry.reached("", "", evidence).asking(""))
        except ClusterError as error:
            return f"The ledger does not know how the stage {self.stage} went: {error}"
        return ""
