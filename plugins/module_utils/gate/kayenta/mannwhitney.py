# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The Mann-Whitney test turned round: by how much are the values of one sample shifted against another's.

D. F. Bauer, Constructing confidence sets using rank statistics, JASA 67 (1972): the interval holds every shift that
the test would not reject; the estimate is the shift with which the samples look most alike (Hodges and Lehmann 1963).
Normal approximation with corrections for ties and continuity, as R's wilcox.test(exact = FALSE) has it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import copysign, sqrt
from statistics import NormalDist

from .root import Point, crossing


class Tied(ValueError):
    """Nothing can be said of the order of the observations; the text says why."""


@dataclass(frozen=True, slots=True)
class Shift:
    """An estimate of x - y, and the confidence interval around it."""

    low: float
    high: float
    estimate: float


def shift(x: Sequence[float], y: Sequence[float], confidence: float) -> Shift:
    """`confidence` is that of the interval, such as 0.98. Both samples need a value. Raises Tied."""
    if len(x) == len(y) == 1:
        raise Tied("there is one value each")  # any shift makes them the same, but for the rounding of floats
    z = -NormalDist().inv_cdf((1 - confidence) / 2)
    y = sorted(y)
    return Shift(_bound(x, y, z), _bound(x, y, -z), _bound(x, y, 0.0))


def z_score(x: Sequence[float], y: Sequence[float], by: float) -> float:
    """How many standard deviations the rank sum of `x`, shifted down by `by`, is off; `y` is in order. Raises Tied."""
    moved = [value - by for value in x]
    pairs, total = len(x) * len(y), len(x) + len(y)
    excess = wins(moved, y) - pairs / 2
    ties = sum(count**3 - count for count in Counter([*moved, *y]).values())
    variance = pairs / 12 * (total + 1 - ties / (total * (total - 1)))
    if variance <= 0:
        raise Tied("all observations are the same")
    return (excess - (copysign(0.5, excess) if excess else 0.0)) / sqrt(variance)


def wins(x: Sequence[float], y: Sequence[float]) -> float:
    """In how many of the pairs x is above y, a tie being half a win; `y` is in order. The U of Mann and Whitney."""
    return sum(bisect_left(y, value) + bisect_right(y, value) for value in x) / 2


def _bound(x: Sequence[float], y: Sequence[float], z: float) -> float:
    """The shift at which the score is `z`, within those at which the samples touch."""
    least, most = min(x) - y[-1], max(x) - y[0]
    low, high = (Point(by, z_score(x, y, by) - z) for by in (least, most))
    if low.y <= 0:
        return low.x
    if high.y >= 0:
        return high.x
    return crossing(lambda by: z_score(x, y, by) - z, low, high)
