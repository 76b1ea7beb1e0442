# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How fast the evidence of each judge is expected to grow: drift and variance of every component of its mixture.

A component gains a fixed amount by each bad event of the canary, by each of the baseline's, and by each good one. With
independent events the sum's mean and variance per second follow (its mean is the divergence of Kullback and Leibler of
the truth from the hypothesis, less that from the component); events that come in bursts have phi times the variance,
and evidence is divided by phi, so that both are 1/phi of what they would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log, log1p, sqrt
from typing import NamedTuple

from ..check import Margins
from ..statistics.assessment import Errors
from ..statistics.betting import BETS, bets
from ..statistics.limit import LimitProcess
from ..statistics.ratio import RatioProcess
from ..statistics.scores import MOST_INDICATORS
from ..statistics.slowness import TAIL

# A mixture's best component has a quarter of it and more, its neighbours having won nearly as much.
_SHARED = 4.0


class Drift(NamedTuple):
    """Mean and variance of what a component gains per second."""

    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class Growth:
    """Of a mixture: its components, and the level at which one of them decides."""

    drifts: Sequence[Drift]
    level: float


@dataclass(frozen=True, slots=True)
class Stream:
    """What is known of a check: requests of both arms per second, the usual share of bad ones, and how they cluster."""

    judge: str
    rate: float
    base: float
    dispersion: float = 1.0
    margins: Margins = field(default_factory=Margins)
    limit: float = 0.0
    errors: Errors = field(default_factory=Errors)

    def events(self, ratio: float, share: float) -> _Events:
        """Of a release that is bad `ratio` times as often, with `share` of the requests."""
        base = TAIL if self.judge == "latency" else self.base
        return _Events(self.rate * share, min(1.0, base * ratio), self.rate * (1.0 - share), base, self.dispersion)


class _Events(NamedTuple):
    """Requests per second and shares of bad ones, of the canary and of the baseline."""

    mine: float
    bad: float
    theirs: float
    base: float
    dispersion: float

    def drift(self, mine: tuple[float, float], theirs: tuple[float, float]) -> Drift:
        """Of a component that gains so much by each bad and by each good event of the canary, and of the baseline."""
        mean = variance = 0.0
        for rate, share, (bad, good) in ((self.mine, self.bad, mine), (self.theirs, self.base, theirs)):
            mean += rate * (share * bad + (1.0 - share) * good)
            variance += rate * share * (1.0 - share) * (bad - good) ** 2
        return Drift(mean / self.dispersion, variance / self.dispersion)


def rollback(stream: Stream, ratio: float, share: float) -> Growth:
    """Evidence against a release that is bad `ratio` times as often, with `share` of the requests."""
    events, level = stream.events(ratio, share), stream.errors.rollback_at
    if stream.judge == "slo":
        return _limit(events, LimitProcess.above(stream.limit), level)
    if stream.judge == "latency":
        return _betting(events, stream.margins.max_ratio, level)
    return _ratio(events, share, RatioProcess.rollback(stream.margins.max_ratio), level)


def promote(stream: Stream, ratio: float, share: float) -> Growth:
    """Evidence for such a release."""
    events, level = stream.events(ratio, share), stream.errors.promote_at
    if stream.judge == "slo":
        return _limit(events, LimitProcess.below(stream.limit), level)
    return _ratio(events, share, RatioProcess.promote(stream.margins.promote_ratio), level)


def _ratio(events: _Events, share: float, process: RatioProcess, level: float) -> Growth:
    drifts = []
    for one in process.alternatives:
        either = -log((1.0 - share + share * one) / (1.0 - share + share * process.bound))
        drifts.append(events.drift((log(one / process.bound) + either, 0.0), (either, 0.0)))
    return Growth(drifts, level + _price(len(drifts)))


def _limit(events: _Events, process: LimitProcess, level: float) -> Growth:
    drifts = []
    for one in process.alternatives:
        gains = log(one / process.limit), log((1.0 - one) / (1.0 - process.limit))
        drifts.append(events.drift(gains, (0.0, 0.0)))
    return Growth(drifts, level + _price(len(drifts)))


def _betting(events: _Events, max_ratio: float, level: float) -> Growth:
    """By the indicator of the tail; the mixture's other scores hardly gain by what is in the tail only."""
    mean = events.base
    margin = min((max_ratio - 1.0) * mean, 1.0 - mean)
    drifts = []
    for bet in BETS:
        ours, against = bets(bet / sqrt(mean * (1.0 - mean)), events.mine, events.theirs, mean, margin)
        mine = log1p(ours * (1.0 - mean - margin)), log1p(-ours * (mean + margin))
        drifts.append(events.drift(mine, (log1p(-against * (1.0 - mean)), log1p(against * mean))))
    return Growth(drifts, level + _price(len(BETS) * (1 + MOST_INDICATORS)))


def _price(components: int) -> float:
    """What a mixture has to gain to make up for those of its components that lose."""
    return log(max(1.0, components / _SHARED))
