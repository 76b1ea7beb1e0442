# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From how evidence grows to what a gate finds: with what probability, in what time, and how small a regression."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, inf, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

from ..judges.threshold import CHANCE
from ..statistics.needed import binomial_divergence
from .growth import Growth, Stream, promote, rollback
from .passage import expected, reached

MOST = 1000.0  # a regression beyond this is one of everything
_STEPS = 40
# A limit that is compared by fewer bad events than this never fails; see the option min_failures.
LEAST_FAILURES = 3


class Stage(NamedTuple):
    """So many seconds with this share of the requests."""

    share: float
    seconds: float


Grow = Callable[[Stream, float, float], Growth]


def found(stream: Stream, ratio: float, stages: Sequence[Stage]) -> float:
    """The probability that a release that is bad `ratio` times as often is taken back in these stages."""
    if stream.judge == "threshold":
        return _above(stream, ratio, stages)
    return _decided(rollback, stream, ratio, stages)


def passed(stream: Stream, ratio: float, stages: Sequence[Stage]) -> float:
    """The probability that it passes early."""
    return 0.0 if stream.judge == "threshold" else _decided(promote, stream, ratio, stages)


def time_to_find(stream: Stream, ratio: float, share: float) -> float:
    """The expected seconds; infinite where it may never be found, and 0 where that needs no request."""
    if stream.judge == "threshold":
        return _limit_time(stream, ratio, share)
    return _time(rollback(stream, ratio, share))


def time_to_pass(stream: Stream, share: float) -> float:
    """The expected seconds until a healthy release passes early; infinite where none does."""
    return inf if stream.judge == "threshold" else _time(promote(stream, 1.0, share))


def smallest(stream: Stream, probability: float, stages: Sequence[Stage]) -> float:
    """The ratio of the smallest regression that is found with this probability; infinite where none is."""
    low, high = 1.0, min(MOST, 1.0 / stream.base if stream.base > 0 else MOST)
    if stream.judge == "latency":
        high = 20.0  # all of the requests beyond what one in twenty goes beyond
    if found(stream, high, stages) < probability:
        return inf
    for _step in range(_STEPS):
        middle = sqrt(low * high)
        low, high = (low, middle) if found(stream, middle, stages) >= probability else (middle, high)
    return high


def _decided(grow: Grow, stream: Stream, ratio: float, stages: Sequence[Stage]) -> float:
    """A mixture decides no later than the best of its components does; evidence adds up over the stages."""
    growths = [(grow(stream, ratio, stage.share), stage.seconds) for stage in stages if stage.seconds > 0]
    if not growths:
        return 0.0
    best = 0.0
    for place in range(len(growths[0][0].drifts)):
        mean = sum(growth.drifts[place].mean * seconds for growth, seconds in growths)
        variance = sum(growth.drifts[place].variance * seconds for growth, seconds in growths)
        best = max(best, reached(mean, variance, growths[0][0].level))
    return best


def _time(growth: Growth) -> float:
    return min(expected(one.mean, growth.level) for one in growth.drifts)


def _above(stream: Stream, ratio: float, stages: Sequence[Stage]) -> float:
    """The share that is compared when time is up is above the limit, by the normal distribution."""
    requests = sum(stream.rate * stage.share * stage.seconds for stage in stages)
    bad = min(1.0, stream.base * ratio)
    least = max(LEAST_FAILURES, requests * stream.limit)
    deviation = sqrt(requests * bad * (1.0 - bad) * stream.dispersion)
    if deviation <= 0:
        return float(requests * bad >= least)
    return 1.0 - NormalDist(requests * bad, deviation).cdf(ceil(least) - 0.5)


def _limit_time(stream: Stream, ratio: float, share: float) -> float:
    """Until what has been seen has a probability below CHANCE at the limit: exp(-n KL), after Chernoff (1952)."""
    bad = min(1.0, stream.base * ratio)
    if bad <= stream.limit or not stream.rate * share:
        return inf
    gain = binomial_divergence(bad, stream.limit) / stream.dispersion
    return max(LEAST_FAILURES / bad, -log(CHANCE) / gain) / (stream.rate * share)
