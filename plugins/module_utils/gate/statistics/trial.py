# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A sequential test of one check: which e-processes may be used, and how the evidence has grown.

Where the dispersion is known beforehand, that is the mixture of likelihood ratios. Where it is not, the test begins
with the paired t-test on minutes, and as soon as enough has been seen to estimate the dispersion, the mixture goes
along with it from there on; the evidence is the mean of both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import Protocol

from ..blocks import Block
from ..check import Events
from ..evidence import add
from ..history import PER_MINUTE
from .assessment import Errors
from .dispersion import Dispersion, estimate
from .mixture import Mixture, averaged
from .needed import requests_until
from .paired import MINUTE, PairedProcess
from .ratio import Arms

# Minutes that the dispersion is learnt from while the gate runs.
LEARNT = 120
_NOTHING = Events(0.0, 0.0)
_NEITHER = Arms(Events(0.0, 0.0), Events(0.0, 0.0))


class Process(Protocol):
    """A mixture of likelihood ratios that is fed with scrapes."""

    mixture: Mixture

    def add(self, arms: Arms, dispersion: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a check.

    `differences` gives of a minute what must not be above 0 in the mean for a healthy release, and for a bad one; None
    of a minute that says nothing. `learns` are the pods of a block that the dispersion is learnt from.
    """

    rollback: Process
    promote: Process
    differences: Callable[[Arms], tuple[float, float] | None]
    learns: Callable[[Block], Mapping[str, Events]]


@dataclass(slots=True)
class _Minutes:
    """The fallback: minutes of both arms, and the two tests on their differences."""

    rollback: PairedProcess = field(default_factory=PairedProcess)
    promote: PairedProcess = field(default_factory=PairedProcess)
    begun: float | None = None
    arms: Arms = _NEITHER
    pods: dict[str, Events] = field(default_factory=dict)

    def add(self, block: Block, question: Question) -> Mapping[str, Events] | None:
        """The pods to learn from in the minute that this block completes, if it does."""
        self.begun = block.at if self.begun is None else self.begun
        self.arms = summed(self.arms, block.arms)
        for pod, events in question.learns(block).items():
            self.pods[pod] = add((self.pods.get(pod, _NOTHING), events))
        if block.at - self.begun < MINUTE - 1e-6:
            return None
        found = question.differences(self.arms)
        if found is not None:
            self.rollback.add(found[0])
            self.promote.add(found[1])
        pods, self.pods = self.pods, {}
        self.begun, self.arms = block.at, _NEITHER
        return pods


class Trial:
    """Counts each block once; memory and time per block do not grow. `arms` are the sums so far.

    `history` are the baseline's pods before, in PER_MINUTE cells a minute; `errors` are those of this check.
    """

    def __init__(
        self, question: Question, history: Sequence[Mapping[str, Events]] = (), errors: Errors | None = None
    ) -> None:
        self.question = question
        components = max(len(one.mixture.logs) for one in (question.rollback, question.promote))
        errors = errors or Errors()
        self._log_odds, self._promote_at = errors.log_odds(components), errors.promote_at
        self.dispersion: Dispersion | None = estimate(history, PER_MINUTE, log_odds=self._log_odds)
        self.arms = _NEITHER
        self.peak_rollback = self.peak_promote = 0.0
        self._minutes = _Minutes() if self.dispersion is None else None
        self._seen: list[Mapping[str, Events]] = []

    def add(self, block: Block) -> None:
        """Count a block."""
        self.arms = summed(self.arms, block.arms)
        dispersion = self.dispersion  # as it was known before this block
        if self._minutes is not None:
            minute = self._minutes.add(block, self.question)
            if minute is not None and dispersion is None:
                self._learn(minute)
        if dispersion is not None:
            self.question.rollback.add(block.arms, dispersion.value)
            self.question.promote.add(block.arms, dispersion.value)
        self.peak_rollback = max(self.peak_rollback, self.log_e_rollback)
        self.peak_promote = max(self.peak_promote, self.log_e_promote)

    @property
    def log_e_rollback(self) -> float:
        """The evidence against the release now; `peak_rollback` is the greatest so far."""
        return _together(self.question.rollback, self._minutes.rollback if self._minutes else None)

    @property
    def log_e_promote(self) -> float:
        """The evidence for the release now; `peak_promote` is the greatest so far."""
        return _together(self.question.promote, self._minutes.promote if self._minutes else None)

    def needed(self, gains: Sequence[float]) -> float | None:
        """Requests until promotion, if each wins so much for each component; None where that is not known.

        Of two tests that go along the mixture has to win for both, so that it is enough whatever the other one does.
        """
        if self.dispersion is None or not gains:
            return None
        both = 0.0 if self._minutes is None else log(2.0)
        won = [gain / self.dispersion.value for gain in gains]
        return requests_until(self.question.promote.mixture.logs, won, self._promote_at + both)

    @property
    def reservation(self) -> str:
        """What a person must know about how it is judged; "" if nothing."""
        if self._minutes is None:
            return ""
        since = f", of late also by {self.dispersion.origin}" if self.dispersion else ""
        return f"too few bad events before it to know how they cluster, so judged minute by minute{since}"

    def _learn(self, minute: Mapping[str, Events]) -> None:
        self._seen = [*self._seen, minute][-LEARNT:]
        self.dispersion = estimate(self._seen, log_odds=self._log_odds)
        if self.dispersion is not None:
            self._seen = []


def summed(one: Arms, other: Arms) -> Arms:
    return Arms(add((one.canary, other.canary)), add((one.baseline, other.baseline)))


def _together(process: Process, fallback: PairedProcess | None) -> float:
    log_e = process.mixture.log_e
    return log_e if fallback is None else averaged((log_e, fallback.log_e))
