# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a share may lie from its weight by chance alone."""

from __future__ import annotations

from math import comb, exp, lgamma, log

TWO_SIDED = 0.001  # outside the interval once in a thousand runs


def interval(requests: int, share: float, miss: float = TWO_SIDED) -> tuple[int, int]:
    """The smallest and the largest count that are not in the outer `miss` of Binomial(requests, share), by tails."""
    if share in (0.0, 1.0):
        return round(requests * share), round(requests * share)
    low, tail = 0, 0.0
    while (tail := tail + _chance(requests, share, low)) <= miss / 2:
        low += 1
    high, tail = requests, 0.0
    while (tail := tail + _chance(requests, share, high)) <= miss / 2:
        high -= 1
    return low, high


def _chance(n: int, p: float, k: int) -> float:
    if n <= 50:
        return comb(n, k) * p**k * (1 - p) ** (n - k)
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log(1 - p))
