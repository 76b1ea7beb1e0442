# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much traffic a decision needs: what growth of the evidence may be expected."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log

from .special import log_mean_exp


def binomial_divergence(truth: float, claim: float) -> float:
    """What an event tells for `truth` against `claim`, two probabilities, on average (Kullback and Leibler 1951)."""
    parts = ((truth, claim), (1.0 - truth, 1.0 - claim))
    return sum(one * (log(one / other) if other > 0 else inf) for one, other in parts if one > 0)


def gains_for_ratio(alternatives: Sequence[float], bound: float, share: float, base: float) -> list[float]:
    """What a request of a healthy canary's wins on average for each of `alternatives`, against the ratio `bound`.

    A share `share` (0 < share < 1) of all requests is the canary's, and `base` of either arm's are bad.
    """
    won = [log(one / bound) for one in alternatives]
    lost = [log((1.0 - share + share * one) / (1.0 - share + share * bound)) for one in alternatives]
    return [base * (mine - either / share) for mine, either in zip(won, lost, strict=True)]


def gains_for_limit(alternatives: Sequence[float], limit: float, truth: float) -> list[float]:
    """What a request wins on average for each of `alternatives`, against the share `limit`, if it is `truth`."""
    return [
        truth * log(one / limit) + (1.0 - truth) * log((1.0 - one) / (1.0 - limit)) for one in alternatives
    ]  # fmt: skip


def requests_until(logs: Sequence[float], gains: Sequence[float], log_threshold: float) -> float:
    """How many more requests, until a mixture that stands at `logs` is at the threshold, if each wins `gains`.

    Infinite where none is won. To the nearest hundredth of them, upwards.
    """

    def short(requests: float) -> bool:
        return log_mean_exp([one + requests * gain for one, gain in zip(logs, gains, strict=True)]) < log_threshold

    if not short(0.0):
        return 0.0
    if max(gains) <= 0:
        return inf
    low, high = 0.0, 1.0
    while short(high):
        low, high = high, 2.0 * high
    while high - low > 0.01 * high:
        middle = (low + high) / 2.0
        low, high = (middle, high) if short(middle) else (low, middle)
    return high
