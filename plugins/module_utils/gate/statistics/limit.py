# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the share of bad events is above, or below, an absolute limit: a binomial e-process.

Each alternative share q bets by the likelihood ratio of q to the limit. It is valid for requests of unequal chances
too, as long as none of the chances (given what came before) is on the wrong side of the limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from .mixture import Mixture
from .ratio import ROLLBACK_GRID, Arms

_MOST = 0.9  # the largest share that is bet on, unless the limit itself is near it


@dataclass(slots=True)
class LimitProcess:
    """Evidence that the share is not `limit` (0 < limit < 1), for any of `alternatives` on one side of it."""

    limit: float
    alternatives: Sequence[float]
    mixture: Mixture

    @classmethod
    def above(cls, limit: float) -> LimitProcess:
        """Against the hypothesis that the share is at most `limit`."""
        most = max(_MOST, (1.0 + limit) / 2.0)
        alternatives = tuple(min(limit * multiple, most) for multiple in ROLLBACK_GRID)
        return cls(limit, alternatives, Mixture.of(len(alternatives)))

    @classmethod
    def below(cls, limit: float) -> LimitProcess:
        """Against the hypothesis that the share is at least `limit`."""
        alternatives = tuple(limit / multiple for multiple in ROLLBACK_GRID)
        return cls(limit, alternatives, Mixture.of(len(alternatives)))

    def add(self, arms: Arms, dispersion: float) -> None:
        """Count a scrape of the canary's. `dispersion` (at least 1) must be known before it."""
        events = arms.canary
        good = events.total - events.bad
        self.mixture.add(
            (events.bad * log(one / self.limit) + good * log((1.0 - one) / (1.0 - self.limit))) / dispersion
            for one in self.alternatives
        )
