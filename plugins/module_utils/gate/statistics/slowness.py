# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sequential test of slowness: scores and their dispersions are learnt from the baseline, then bets are laid.

Rollback is by all scores. Promotion is by one tail, the share of requests beyond the bound that about 5 % of the
baseline's go beyond: with the words of a ratio, it is not `promote_ratio` times as large.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log

from ..check import Events
from ..history import PER_MINUTE
from .assessment import Errors
from .betting import BettingProcess
from .dispersion import Dispersion, estimate
from .mixture import averaged
from .needed import requests_until
from .paired import MINUTE, PairedProcess
from .ratio import Arms, RatioProcess
from .scores import Histogram, Score, learn
from .trial import LEARNT

# Requests of the baseline that scores are learnt from when there is no history.
LEAST_LEARNT = 500
TAIL = 0.05  # the share of the baseline beyond the bound that promotion looks at: p95


def merged(one: Histogram, other: Histogram) -> dict[float, float]:
    """The sum of two histograms."""
    found = dict(one)
    for bound, count in other.items():
        found[bound] = found.get(bound, 0.0) + count
    return found


def beyond(histogram: Histogram, bound: float) -> Events:
    """Events slower than the bound, of all."""
    return Events(sum(count for edge, count in histogram.items() if edge > bound), sum(histogram.values()))


@dataclass(slots=True)
class _Minute:
    begun: float | None = None
    canary: dict[float, float] = field(default_factory=dict)
    baseline: dict[float, float] = field(default_factory=dict)


class Slowness:
    """Counts each block once; memory and time per block do not grow.

    `history` are the baseline's histograms before, PER_MINUTE of them a minute. `tail` is the bound that promotion
    looks at, None until the scores are known; `arms` are the requests beyond it so far, `errors` those of the check.
    """

    def __init__(
        self,
        max_ratio: float,
        promote_ratio: float,
        history: Sequence[Histogram] = (),
        errors: Errors | None = None,
    ) -> None:
        self.max_ratio = max_ratio
        self._errors = errors or Errors()
        self.promote = RatioProcess.promote(promote_ratio)
        self.promote_ratio = promote_ratio
        self.betting: BettingProcess | None = None
        self.tail: float | None = None
        self.dispersion: Dispersion | None = None  # of the tail
        self.arms = Arms(Events(0.0, 0.0), Events(0.0, 0.0))
        self.peak_rollback = self.peak_promote = 0.0
        self._dispersions: Sequence[float] = ()
        self._cells = list(history)
        self._per_minute = PER_MINUTE if history else 1
        self._minute = _Minute()
        self._learnt: Mapping[float, float] = {}
        self._slower, self._faster = PairedProcess(), PairedProcess()
        self._began_blind = False
        for minute in history:
            self._learnt = merged(self._learnt, minute)
        self._settle_scores()
        self._settle_dispersions()
        self._began_blind = self.dispersion is None

    def add(self, at: float, canary: Histogram, baseline: Histogram) -> None:
        """Count what both arms have answered up to `at` since the block before."""
        if self.betting is None or self.tail is None:
            self._learnt = merged(self._learnt, baseline)
            self._settle_scores()
            return
        arms = Arms(beyond(canary, self.tail), beyond(baseline, self.tail))
        self.arms = Arms(_sum(self.arms.canary, arms.canary), _sum(self.arms.baseline, arms.baseline))
        if self.dispersion is not None:
            self.betting.add(canary, baseline, self._dispersions)
            self.promote.add(arms, self.dispersion.value)
        if self._began_blind:
            self._by_minute(at, canary, baseline)
        self.peak_rollback = max(self.peak_rollback, self._now(self.betting.mixture.log_e, self._slower))
        self.peak_promote = max(self.peak_promote, self._now(self.promote.mixture.log_e, self._faster))

    def needed(self, gains: Sequence[float]) -> float | None:
        """As a Trial's, of the requests beyond the tail."""
        if self.dispersion is None or not gains:
            return None
        both = log(2.0) if self._began_blind else 0.0
        won = [gain / self.dispersion.value for gain in gains]
        return requests_until(self.promote.mixture.logs, won, self._errors.promote_at + both)

    @property
    def reservation(self) -> str:
        """What a person must know about how it is judged; "" if nothing."""
        if not self._began_blind:
            return ""
        return "too little of the baseline before it to know how slow requests cluster, so judged minute by minute"

    def _settle_scores(self) -> None:
        if sum(self._learnt.values()) < LEAST_LEARNT:
            return
        scores = learn(self._learnt)
        tails = [score for score in scores if score.beyond is not None]
        if tails:
            self.betting = BettingProcess.of(scores, self.max_ratio)
            self.tail = min(tails, key=lambda score: abs(log(score.mean / TAIL))).beyond

    def _settle_dispersions(self) -> None:
        if self.betting is None:
            return
        log_odds = self._errors.log_odds(len(self.betting.mixture.logs))
        found = [_dispersion(score, self._cells, self._per_minute, log_odds) for score in self.betting.scores]
        if all(found):
            self._dispersions = [one.value for one in found if one is not None]
            place = [score.beyond for score in self.betting.scores].index(self.tail)
            self.dispersion = found[place]
            self._cells = []

    def _by_minute(self, at: float, canary: Histogram, baseline: Histogram) -> None:
        """The fallback: the mean ranks of whole minutes, and the shares beyond the tail."""
        minute = self._minute
        minute.begun = at if minute.begun is None else minute.begun
        minute.canary, minute.baseline = merged(minute.canary, canary), merged(minute.baseline, baseline)
        if at - minute.begun < MINUTE - 1e-6 or self.betting is None or self.tail is None:
            return
        if sum(minute.canary.values()) > 0 and sum(minute.baseline.values()) > 0:
            rank = self.betting.scores[0]
            margin = (self.max_ratio - 1.0) * rank.mean
            self._slower.add(_mean(rank, minute.canary) - _mean(rank, minute.baseline) - margin)
            mine, theirs = beyond(minute.canary, self.tail), beyond(minute.baseline, self.tail)
            self._faster.add(self.promote_ratio * theirs.rate - mine.rate)
        if self.dispersion is None:
            self._per_minute, self._cells = 1, [*self._cells, minute.baseline][-LEARNT:]
            self._settle_dispersions()
        self._minute = _Minute(begun=at)

    def _now(self, log_e: float, fallback: PairedProcess) -> float:
        return averaged((log_e, fallback.log_e)) if self._began_blind else log_e


def _dispersion(score: Score, cells: Sequence[Histogram], per_minute: int, log_odds: float) -> Dispersion | None:
    found = [{"": Events(score.total(one), sum(one.values()))} for one in cells]
    return estimate(found, per_minute, lambda _share: score.deviation**2, log_odds)


def _mean(score: Score, histogram: Histogram) -> float:
    return score.total(histogram) / sum(histogram.values())


def _sum(one: Events, other: Events) -> Events:
    return Events(one.bad + other.bad, one.total + other.total)
