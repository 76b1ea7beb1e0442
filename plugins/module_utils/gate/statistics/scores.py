# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a bucket of a histogram says about slowness: scores from 0 to 1, learnt from the baseline before the rollout.

One score is the bucket's mid-rank in the baseline (Conover 1971), good at shifts of everything; the others are
indicators of being beyond one of the bounds, good at tails.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf

# Upper bound of a bucket -> events in it (and in no other bucket).
Histogram = Mapping[float, float]

TAILS = (0.003, 0.7)  # shares of the baseline beyond a bound that is worth an indicator
MOST_INDICATORS = 8


@dataclass(frozen=True, slots=True)
class Score:
    """A value from 0 to 1 for each bucket of `bounds`, and of the baseline its mean and standard deviation.

    `known` are the same values by bound; `beyond` is the bound of an indicator, a mid-rank has none.
    """

    bounds: Sequence[float]
    values: Sequence[float]
    mean: float
    deviation: float
    known: Mapping[float, float]
    beyond: float | None = None

    def of(self, bound: float) -> float:
        """The score of a bucket. One that the baseline did not have counts as the next one above it."""
        value = self.known.get(bound)
        return self.values[min(bisect_left(self.bounds, bound), len(self.values) - 1)] if value is None else value

    def total(self, histogram: Histogram) -> float:
        """The sum of the scores of all events."""
        return sum(self.of(bound) * count for bound, count in histogram.items() if count)

    def spread(self, histogram: Histogram) -> dict[float, float]:
        """Events by score."""
        found: dict[float, float] = {}
        for bound, count in histogram.items():
            if count > 0:
                value = self.of(bound)
                found[value] = found.get(value, 0.0) + count
        return found


def learn(baseline: Histogram) -> list[Score]:
    """The scores that a baseline's histogram gives; none if it is empty or all in one bucket."""
    bounds = sorted(baseline)
    total = sum(baseline.values())
    if total <= 0:
        return []
    shares = [baseline[bound] / total for bound in bounds]
    ranks = list(accumulate(shares))
    middles = [rank - share / 2.0 for rank, share in zip(ranks, shares, strict=True)]
    found = [_score(bounds, middles, shares)]
    eligible = [place for place, rank in enumerate(ranks) if TAILS[0] <= 1.0 - rank <= TAILS[1] and bounds[place] < inf]
    for place in _thinned([one for one in eligible if shares[one] > 0 or one == eligible[0]]):
        values = [1.0 if other > place else 0.0 for other in range(len(bounds))]
        found.append(_score(bounds, values, shares, bounds[place]))
    return [score for score in found if score.deviation > 1e-9]


def _score(
    bounds: Sequence[float], values: Sequence[float], shares: Sequence[float], beyond: float | None = None
) -> Score:
    mean = sum(value * share for value, share in zip(values, shares, strict=True))
    variance = sum((value - mean) ** 2 * share for value, share in zip(values, shares, strict=True))
    return Score(bounds, values, mean, variance**0.5, dict(zip(bounds, values, strict=True)), beyond)


def _thinned(places: Sequence[int]) -> list[int]:
    """At most MOST_INDICATORS of them, evenly."""
    if len(places) <= MOST_INDICATORS:
        return list(places)
    step = (len(places) - 1) / (MOST_INDICATORS - 1)
    return sorted({places[round(step * number)] for number in range(MOST_INDICATORS)})
