# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many times as often the canary's events are bad as the baseline's: the conditional binomial e-process.

Given that x bad events were seen in a scrape in which a share pi of all requests went to the canary, the number of
the canary's own among them is binomial with share pi r / (1 - pi + pi r), where r is the ratio of the two rates
(Przyborowski and Wilenski 1940). Neither the base rate nor the split appears but through pi, which is counted anew in
each scrape; so the evidence stays valid while both change. Exact for Poisson arms. For Bernoulli arms it is at most
that for a ratio of 1, because the hypergeometric distribution is dominated by the binomial one (Hoeffding 1963,
theorem 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import NamedTuple

from ..check import Events
from .mixture import Mixture, log_spaced

# Multiples of the margin that rollback bets on: no wider and no finer than pays for regressions of 1.2 to 20 times (a
# bet on 8 wins of 20 times as often nearly what is to be won), since each further bet takes from the others' stakes.
# Then ratios that promotion bets on: the least and a share of the margin.
ROLLBACK_GRID = log_spaced(1.2, 8.0, 10)
PROMOTE_POINTS = 12
PROMOTE_LEAST = 0.25
PROMOTE_NEAREST = 0.95


class Arms(NamedTuple):
    """What both arms have counted between two scrapes."""

    canary: Events
    baseline: Events


@dataclass(slots=True)
class RatioProcess:
    """Evidence that the ratio is not `bound`, for any of `alternatives` on one side of it."""

    bound: float
    alternatives: Sequence[float]
    mixture: Mixture

    @classmethod
    def rollback(cls, max_ratio: float) -> RatioProcess:
        """Against the hypothesis that the ratio is at most `max_ratio`."""
        alternatives = tuple(max_ratio * multiple for multiple in ROLLBACK_GRID)
        return cls(max_ratio, alternatives, Mixture.of(len(alternatives)))

    @classmethod
    def promote(cls, promote_ratio: float) -> RatioProcess:
        """Against the hypothesis that the ratio is at least `promote_ratio` (above 0.3)."""
        alternatives = log_spaced(PROMOTE_LEAST, PROMOTE_NEAREST * promote_ratio, PROMOTE_POINTS)
        return cls(promote_ratio, alternatives, Mixture.of(len(alternatives)))

    def add(self, arms: Arms, dispersion: float) -> None:
        """Count a scrape. `dispersion` (at least 1) must be known before it; it takes evidence away, never adds."""
        requests = arms.canary.total + arms.baseline.total
        bad = arms.canary.bad + arms.baseline.bad
        if bad <= 0 or not 0 < arms.canary.total < requests:
            return  # of what only one arm has, nothing can be compared
        share = arms.canary.total / requests
        chance = 1.0 - share + share * self.bound
        self.mixture.add(
            (arms.canary.bad * log(one / self.bound) - bad * log((1.0 - share + share * one) / chance)) / dispersion
            for one in self.alternatives
        )
