# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the canary is slower: a two-sample betting e-process over the buckets of histograms.

For one score s in [0, 1] of each request, and a mean mu that was known before,
E = product over buckets of (1 + lc (s - mu - d))^canary (1 - lb (s - mu))^baseline, with lb nb = lc nc.
The expectation is a product over independent requests, and by the inequality of the arithmetic and geometric means at
most (1 + lc nc (mean canary score - mean baseline score - d) / n)^n, so at most 1 as long as the canary's mean is not
above the baseline's by more than the margin d. Requests need not be alike. After the betting of Waudby-Smith and
Ramdas (2024).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

from .mixture import Mixture
from .scores import Histogram, Score

BETS = (0.05, 0.1, 0.2, 0.4, 0.8)  # in standard deviations of the score
BOLDEST = 0.9  # no factor falls below a tenth


@dataclass(slots=True)
class BettingProcess:
    """Evidence that the canary's requests score higher, by any of `scores`.

    The margin of a score is (`max_ratio` - 1) times its mean in the baseline: of an indicator, the canary's share of
    requests beyond its bound may be `max_ratio` times the baseline's usual one.
    """

    scores: Sequence[Score]
    max_ratio: float
    mixture: Mixture

    @classmethod
    def of(cls, scores: Sequence[Score], max_ratio: float) -> BettingProcess:
        """Needs at least one score."""
        return cls(scores, max_ratio, Mixture.of(len(scores) * len(BETS)))

    def add(self, canary: Histogram, baseline: Histogram, dispersions: Sequence[float]) -> None:
        """Count a scrape; `dispersions` (each at least 1, one for each score) must be known before it."""
        mine, theirs = sum(canary.values()), sum(baseline.values())
        if mine <= 0 or theirs <= 0:
            return
        gains: list[float] = []
        for score, dispersion in zip(self.scores, dispersions, strict=True):
            margin = min((self.max_ratio - 1.0) * score.mean, 1.0 - score.mean)
            fast, slow = list(score.spread(baseline).items()), list(score.spread(canary).items())
            for bet in BETS:
                ours, against = bets(bet / score.deviation, mine, theirs, score.mean, margin)
                gain = sum(count * log1p(ours * (value - score.mean - margin)) for value, count in slow)
                gain += sum(count * log1p(-against * (value - score.mean)) for value, count in fast)
                gains.append(gain / dispersion)
        self.mixture.add(gains)


def bets(size: float, mine: float, theirs: float, mean: float, margin: float) -> tuple[float, float]:
    """The stakes lc and lb for a bet of `size` per score: lb nb = lc nc, both small enough that no factor is <= 0."""
    every = mine + theirs
    ours, against = size * theirs / every, size * mine / every
    shrink = max(1.0, ours * (mean + margin) / BOLDEST, against * (1.0 - mean) / BOLDEST)
    return ours / shrink, against / shrink
