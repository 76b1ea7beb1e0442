# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One arm against an absolute limit: an error budget. What befalls both arms is told, and blamed on neither.

The limit is the check's `limit`. A shared incident breaks it rightly; so where the baseline breaks it too, the canary
fails only when it is also shown to be worse than the baseline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..blocks import Block, Blocks
from ..check import Check, Events, Margins
from ..evidence import Evidence
from ..statistics.assessment import Assessment, Decision, Errors, counted
from ..statistics.limit import LimitProcess
from ..statistics.needed import gains_for_limit
from ..statistics.ratio import Arms
from ..statistics.trial import Question, Trial
from ..text import percent
from .judge import Opinion, Verdict
from .sequential import VERDICTS, ratio_question


@dataclass(slots=True)
class Slo:
    """The judge `slo`, of one check, promotes when the share is clearly below the limit.

    What it keeps is only what it has computed of the evidence so far.
    """

    margins: Margins = field(default_factory=Margins)
    errors: Errors = field(default_factory=Errors)
    _trial: Trial | None = None
    _against: Trial | None = None  # the same by the baseline's measure, to tell a shared incident
    _blocks: Blocks = field(default_factory=Blocks)
    _judged: int = 0
    _excused: bool = False  # since an incident of both arms; what it has shown is never held against the canary

    def opinion(self, check: Check, evidence: Evidence, *, final: bool) -> Opinion:
        assessment = self.assess(check, evidence, final=final)
        verdict, said = VERDICTS[assessment.decision], _said(check, assessment)
        shared = assessment.decision is Decision.ROLLBACK and self._excused and not self._is_worse()
        if shared:
            verdict = Verdict.INCONCLUSIVE if final else Verdict.UNDECIDED
            theirs = counted(assessment.baseline or Events(0.0, 0.0), check.verb)
            both = f"but so it is with {check.baseline_arm} ({theirs}): an incident of both, no fault of this release"
            said = f"{said}; {both}"
        return Opinion(verdict, said, assessment.canary, assessment=assessment, shared=shared)

    def assess(self, check: Check, evidence: Evidence, *, final: bool) -> Assessment:
        """What the looks so far are worth. The looks that were not yet judged are, once."""
        if self._trial is None:
            self._trial = Trial(limit_question(check.limit), evidence.history, self.errors)
        if self._against is None and check.baseline is not None:
            self._against = Trial(ratio_question(self.margins), evidence.history, self.errors)
        for look in evidence.after(self._judged):
            block = self._blocks.add(look)
            if block is not None:
                self._trial.add(block)
                if self._against is not None:
                    self._against.add(block)
                    self._excuse(check, self._trial, self._against)
        self._judged = evidence.added
        trial = self._trial
        return Assessment(
            method="binomial against a limit" if not trial.reservation else "t-test on minutes against a limit",
            errors=self.errors,
            log_e_rollback=trial.peak_rollback,
            log_e_promote=trial.peak_promote,
            canary=trial.arms.canary,
            baseline=trial.arms.baseline if check.baseline is not None else None,
            ratio=trial.arms.canary.rate / check.limit if trial.arms.canary.total else None,
            dispersion=trial.dispersion,
            needed=trial.needed(_gains(trial.arms.canary, check.limit)),
            final=final,
            reservation=trial.reservation,
        )

    def _excuse(self, check: Check, trial: Trial, against: Trial) -> None:
        broken = trial.peak_rollback >= self.errors.rollback_at
        self._excused = self._excused or (broken and against.arms.baseline.rate > check.limit)

    def _is_worse(self) -> bool:
        """Than the baseline, by the margin."""
        return self._against is not None and self._against.peak_rollback >= self.errors.rollback_at


def limit_question(limit: float) -> Question:
    """Is the canary's share above the limit; is it below it."""

    def differences(minute: Arms) -> tuple[float, float] | None:
        if not minute.canary.total:
            return None
        return minute.canary.rate - limit, limit - minute.canary.rate

    return Question(LimitProcess.above(limit), LimitProcess.below(limit), differences, _canary)


def _canary(block: Block) -> Mapping[str, Events]:
    """Of a healthy canary, whose share is below the limit, the dispersion is that of the arm that is judged."""
    return block.canary


def _gains(mine: Events, limit: float) -> list[float]:
    """What a request wins for promotion at the rate that was seen, or at half of the limit where that is above it."""
    if not mine.total:
        return []
    return gains_for_limit(LimitProcess.below(limit).alternatives, limit, mine.rate if mine.rate < limit else limit / 2)


def _said(check: Check, found: Assessment) -> str:
    """`30 of 400 requests (7.5 %) failed, the limit is 1 %; …`."""
    if not found.canary.total:
        return "no requests were seen, which is not the same as no failures"
    said = f"{counted(found.canary, check.verb)}, the limit is {percent(check.limit)}"
    return "; ".join(filter(None, [said, found.weight(), found.more(), found.reservation]))
