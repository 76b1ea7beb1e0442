# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kayenta's default judge: canary and baseline compared step by step, once, when the gate's time is up.

It is right as often as its confidence says only when nobody looks early, so until then it has no opinion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..check import Check
from ..evidence import Evidence
from ..kayenta.classifier import Criterion, Label
from ..kayenta.config import Analysis, CanaryConfig, Metric, Thresholds
from ..kayenta.judgement import Grade, Judged, Judgement, judge, judge_metric
from ..kayenta.points import STEP, pair
from ..text import number
from .judge import Opinion, Verdict

# Fewer points than this of each arm can never reach the confidence, so that any separation counts as a difference.
FEWEST = 5
_VERDICTS: Mapping[Label, Verdict] = {
    Label.PASS: Verdict.PASS,
    Label.HIGH: Verdict.FAIL,
    Label.LOW: Verdict.FAIL,
    Label.NODATA_FAIL: Verdict.FAIL,
    Label.NODATA: Verdict.INCONCLUSIVE,
    Label.ERROR: Verdict.INCONCLUSIVE,
}
_GRADES: Mapping[Grade, Verdict] = {
    Grade.PASS: Verdict.PASS,
    Grade.MARGINAL: Verdict.INCONCLUSIVE,
    Grade.FAIL: Verdict.FAIL,
}


@dataclass(frozen=True, slots=True)
class Kayenta:
    """The judge `kayenta`, of one check. `step` is the time between points in seconds."""

    analysis: Analysis = field(default_factory=Analysis)
    step: float = STEP
    criterion: Criterion = field(default_factory=Criterion)

    def opinion(self, check: Check, evidence: Evidence, *, final: bool) -> Opinion:
        if not final:
            seen = evidence.looks[-1].at - evidence.looks[0].at if evidence.looks else 0.0
            some = f"{seen / self.step:.0f} points of {number(self.step)} s so far, which are compared when time is up"
            return Opinion(Verdict.UNDECIDED, some)
        values = pair(evidence.looks, self.step)
        found = judge_metric(Metric(check.name, analysis=self.analysis), values, self.criterion)
        points = min(found.control.count, found.experiment.count)
        if points < FEWEST and not found.metric.analysis.replace_nans:
            few = f"only {points} points of {number(self.step)} s, of the {FEWEST} that the test needs"
            return Opinion(Verdict.INCONCLUSIVE, few)
        if self.analysis.muted:
            return Opinion(Verdict.PASS, f"{_said(found)}; it is muted and does not count")
        return Opinion(_VERDICTS[found.found.label], _said(found))


def judge_canary(
    config: CanaryConfig, evidence: Mapping[str, Evidence], step: float = STEP, thresholds: Thresholds | None = None
) -> tuple[Judgement, Opinion]:
    """All checks as one score, by groups, weights and what is critical; `evidence` by the metric's name.

    A score between the two thresholds is inconclusive, and so is one that passes only because Kayenta leaves metrics
    out that it could not test.
    """
    found = judge(config, {name: pair(one.looks, step) for name, one in evidence.items()}, thresholds)
    limits = thresholds or config.thresholds
    needed = f"{number(limits.passing)} passes, below {number(limits.marginal)} fails"
    reason = f"the score is {number(found.score.value)}; {needed}"
    if found.score.reason:
        reason += f"; {found.score.reason}"
    untested = _untested(found.metrics)
    if found.grade is Grade.PASS and untested:
        return found, Opinion(Verdict.INCONCLUSIVE, f"{reason}; {', '.join(untested)} could not be tested")
    return found, Opinion(_GRADES[found.grade], reason)


def _untested(metrics: Sequence[Judged]) -> list[str]:
    return [one.metric.name for one in metrics if one.found.label is Label.ERROR and not one.metric.analysis.muted]


def _said(found: Judged) -> str:
    """`High: the canary's mean is 3, the baseline's 1 (30 and 30 points)`."""
    means = f"the canary's mean is {number(found.experiment.mean)}, the baseline's {number(found.control.mean)}"
    counts = f"{found.experiment.count} and {found.control.count} points"
    why = f" ({found.found.reason})" if found.found.label in (Label.ERROR, Label.NODATA, Label.NODATA_FAIL) else ""
    return f"{found.found.label.value}{why}: {means} ({counts})"
