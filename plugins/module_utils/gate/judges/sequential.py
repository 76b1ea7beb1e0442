# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The canary against the baseline, at the same time: does it fail more often than it may, or clearly not."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from ..blocks import Block, Blocks
from ..check import Check, Events, Margins
from ..evidence import Evidence
from ..statistics.assessment import Assessment, Decision, Errors, counted
from ..statistics.needed import gains_for_ratio
from ..statistics.ratio import Arms, RatioProcess
from ..statistics.trial import Question, Trial
from ..text import number
from .judge import Opinion, Verdict

VERDICTS = {
    Decision.ROLLBACK: Verdict.FAIL,
    Decision.PROMOTE: Verdict.PASS,
    Decision.CONTINUE: Verdict.UNDECIDED,
    Decision.INCONCLUSIVE: Verdict.INCONCLUSIVE,
}


@dataclass(slots=True)
class Sequential:
    """The judge `sequential`, of one check. What it keeps is only what it has computed of the evidence so far."""

    margins: Margins = field(default_factory=Margins)
    errors: Errors = field(default_factory=Errors)
    _trial: Trial | None = None
    _blocks: Blocks | None = None
    _judged: int = 0

    def opinion(self, check: Check, evidence: Evidence, *, final: bool) -> Opinion:
        assessment = self.assess(evidence, final=final)
        return Opinion(VERDICTS[assessment.decision], _said(check, assessment, self.margins), assessment.canary,
                       assessment=assessment)  # fmt: skip

    def assess(self, evidence: Evidence, *, final: bool) -> Assessment:
        """What the looks so far are worth. The looks that were not yet judged are, once."""
        if self._trial is None or self._blocks is None:
            self._trial, self._blocks = Trial(ratio_question(self.margins), evidence.history, self.errors), Blocks()
        for look in evidence.after(self._judged):
            block = self._blocks.add(look)
            if block is not None:
                self._trial.add(block)
        self._judged = evidence.added
        return Assessment(
            method="conditional binomial" if not self._trial.reservation else "paired t-test on minutes",
            errors=self.errors,
            log_e_rollback=self._trial.peak_rollback,
            log_e_promote=self._trial.peak_promote,
            canary=self._trial.arms.canary,
            baseline=self._trial.arms.baseline,
            ratio=observed_ratio(self._trial.arms),
            dispersion=self._trial.dispersion,
            needed=self._trial.needed(healthy_gains(self._trial.arms, self.margins.promote_ratio)),
            final=final,
            reservation=self._trial.reservation,
        )


def ratio_question(margins: Margins) -> Question:
    """Is the canary bad more than `max_ratio` times as often; is it not as much as `promote_ratio` times."""

    def differences(minute: Arms) -> tuple[float, float] | None:
        mine, theirs = minute
        if not mine.total or not theirs.total:
            return None
        return mine.rate - margins.max_ratio * theirs.rate, margins.promote_ratio * theirs.rate - mine.rate

    return Question(
        RatioProcess.rollback(margins.max_ratio),
        RatioProcess.promote(margins.promote_ratio),
        differences,
        _baseline,
    )


def _baseline(block: Block) -> dict[str, Events]:
    return dict(block.baseline)


def observed_ratio(arms: Arms) -> float | None:
    """None where it says nothing, infinite where only the canary has bad events."""
    mine, theirs = arms
    if not mine.total or not theirs.total or not (mine.bad or theirs.bad):
        return None
    return mine.rate / theirs.rate if theirs.bad else inf


def healthy_gains(arms: Arms, promote_ratio: float) -> list[float]:
    """What a request of the canary's wins for promotion if it is healthy. Nothing where an arm has had no requests.

    By the baseline's rate so far; without one bad event, by the rate that three would make (Hanley 1983).
    """
    mine, theirs = arms
    if not mine.total or not theirs.total:
        return []
    alternatives = RatioProcess.promote(promote_ratio).alternatives
    base = min(1.0, (theirs.bad or 3.0) / theirs.total)
    return gains_for_ratio(alternatives, promote_ratio, mine.total / (mine.total + theirs.total), base)


def _said(check: Check, found: Assessment, margins: Margins) -> str:
    """`12 of 400 requests (3 %) failed, stable's 36 of 3600 (1 %): 3 times as often, where 1.25 may be; …`."""
    if not found.canary.total or found.baseline is None or not found.baseline.total:
        silent = "the canary" if not found.canary.total else f"the arm {check.baseline_arm}"
        return f"no requests of {silent} were seen, so there is nothing to compare"
    theirs = f"{check.baseline_arm}'s {counted(found.baseline, '').rstrip()}"
    words = [f"{counted(found.canary, check.verb)}, {theirs}{_times(found.ratio)}"]
    limit = margins.promote_ratio if found.decision is Decision.PROMOTE else margins.max_ratio
    words[0] += f", where {number(limit)} may be" if found.ratio is not None else ""
    return "; ".join(filter(None, [*words, found.weight(), found.more(), found.reservation]))


def _times(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return ": only the canary's" if ratio == inf else f": {number(float(f'{ratio:.3g}'))} times as often"
