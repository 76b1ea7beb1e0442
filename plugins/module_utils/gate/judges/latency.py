# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The canary's response times against the baseline's, by all buckets of their histograms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..blocks import Blocks
from ..check import Check, Margins
from ..evidence import Evidence
from ..statistics.assessment import Assessment, Decision, Errors, counted
from ..statistics.slowness import Slowness, merged
from ..text import number
from .judge import Opinion
from .sequential import VERDICTS, healthy_gains, observed_ratio

# By how much slowness may grow without being taken for a fault: a tenth, of a tail's share or of the mean rank.
LATENCY_MARGINS = Margins(max_ratio=1.1, promote_ratio=1.5)


@dataclass(slots=True)
class Latency:
    """The judge `latency`, of one check. What it keeps is only what it has computed of the evidence so far."""

    margins: Margins = LATENCY_MARGINS
    errors: Errors = field(default_factory=Errors)
    _trial: Slowness | None = None
    _blocks: Blocks = field(default_factory=Blocks)
    _canary: Mapping[float, float] = field(default_factory=dict)
    _baseline: Mapping[float, float] = field(default_factory=dict)
    _judged: int = 0

    def opinion(self, check: Check, evidence: Evidence, *, final: bool) -> Opinion:
        trial = self._counted(evidence)
        found = Assessment(
            method="betting on histograms" if not trial.reservation else "paired t-test on minutes",
            errors=self.errors,
            log_e_rollback=trial.peak_rollback,
            log_e_promote=trial.peak_promote,
            canary=trial.arms.canary,
            baseline=trial.arms.baseline,
            ratio=observed_ratio(trial.arms),
            dispersion=trial.dispersion,
            needed=trial.needed(healthy_gains(trial.arms, trial.promote_ratio)),
            final=final,
            reservation=trial.reservation,
        )
        return Opinion(VERDICTS[found.decision], _said(check, found, trial), found.canary, assessment=found)

    def _counted(self, evidence: Evidence) -> Slowness:
        if self._trial is None:
            self._trial = Slowness(
                self.margins.max_ratio, self.margins.promote_ratio, evidence.slowness_history, self.errors
            )
        for look in evidence.after(self._judged):
            if look.slowness is not None:
                self._canary = merged(self._canary, look.slowness[0])
                self._baseline = merged(self._baseline, look.slowness[1])
            block = self._blocks.add(look)
            if block is not None:
                self._trial.add(block.at, self._canary, self._baseline)
                self._canary, self._baseline = {}, {}
        self._judged = evidence.added
        return self._trial


def _said(check: Check, found: Assessment, trial: Slowness) -> str:
    """`80 of 1000 requests (8 %) took longer than 0.25 s, stable's 450 of 9000 (5 %); …`."""
    if trial.tail is None:
        return f"too few requests of {check.baseline_arm} were seen to know how slow they usually are"
    if not found.canary.total or found.baseline is None or not found.baseline.total:
        return "no requests of both arms were seen, so there is nothing to compare"
    longer = f"took longer than {number(trial.tail)}"
    said = f"{counted(found.canary, longer)}, {check.baseline_arm}'s {counted(found.baseline, '').rstrip()}"
    if found.decision is Decision.ROLLBACK:
        said += "; the whole of its response times is slower"
    return "; ".join(filter(None, [said, found.weight(), found.more(), found.reservation]))
