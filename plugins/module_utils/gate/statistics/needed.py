# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much traffic a decision needs: what growth of the evidence may be expected."""

from __future__ import annotations

from math import inf, log

# A mixture's best component has a third of it and more, its neighbours having won nearly as much.
_SHARED = 3.0


def binomial_divergence(truth: float, claim: float) -> float:
    """What an event tells for `truth` against `claim`, two probabilities, on average (Kullback and Leibler 1951)."""
    parts = ((truth, claim), (1.0 - truth, 1.0 - claim))
    return sum(one * (log(one / other) if other > 0 else inf) for one, other in parts if one > 0)


def requests_for_ratio(
    *, truth: float, bound: float, share: float, base: float, log_threshold: float, components: int, dispersion: float
) -> float:
    """Requests of the canary until the evidence against the ratio `bound` is expected to reach the threshold.

    If the true ratio of rates is `truth`, a share `share` of all requests is the canary's, and the baseline's rate is
    `base`. Infinite where nothing can be expected.
    """
    mine, theirs = (share * ratio / (1.0 - share + share * ratio) for ratio in (truth, bound))
    gain = binomial_divergence(mine, theirs) / dispersion
    bad_per_request = base * (truth + (1.0 - share) / share) if share > 0 else 0.0
    return _requests(log_threshold, components, gain * bad_per_request)


def requests_for_limit(
    *, truth: float, limit: float, log_threshold: float, components: int, dispersion: float
) -> float:
    """Requests until the evidence that the share is not `limit` is expected to suffice, if it is `truth`."""
    return _requests(log_threshold, components, binomial_divergence(truth, limit) / dispersion)


def _requests(log_threshold: float, components: int, gain: float) -> float:
    return (log_threshold + log(max(1.0, components / _SHARED))) / gain if gain > 0 else inf
