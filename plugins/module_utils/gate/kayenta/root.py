# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a function crosses zero."""

from __future__ import annotations

from collections.abc import Callable
from sys import float_info
from typing import NamedTuple

# Those of R's wilcox.test, which Kayenta's numbers agree with: of a step function the tolerance decides what is found.
TOLERANCE = 1e-4
_LONGEST = 1000


class Point(NamedTuple):
    """A place and the function's value there."""

    x: float
    y: float


def crossing(function: Callable[[float], float], low: Point, high: Point, tolerance: float = TOLERANCE) -> float:
    """A zero between two points of unlike sign, by the method of Brent and Dekker.

    R. P. Brent, Algorithms for Minimization without Derivatives (1973), chapter 4: a secant or inverse quadratic step
    where it stays well within the bracket and converges, else a bisection.
    """
    for end in (low, high):
        if end.y == 0:
            return end.x
    before, best, opposite = low, high, low
    for _step in range(_LONGEST):
        moved = best.x - before.x
        if abs(opposite.y) < abs(best.y):
            before, best, opposite = best, opposite, best
        allowed = 2 * float_info.epsilon * abs(best.x) + tolerance / 2
        half = (opposite.x - best.x) / 2
        if abs(half) <= allowed or best.y == 0:
            break
        step = half
        if abs(moved) >= allowed and abs(before.y) > abs(best.y):
            step = _interpolated(before, best, opposite, moved, allowed) or half
        if abs(step) < allowed:
            step = allowed if step > 0 else -allowed
        before, best = best, Point(best.x + step, function(best.x + step))
        if best.y * opposite.y > 0:
            opposite = before
    return best.x


def _interpolated(before: Point, best: Point, opposite: Point, moved: float, allowed: float) -> float | None:
    """The step to where a line or a parabola crosses zero; None where it would leave the bracket or hardly converge."""
    width = opposite.x - best.x
    ratio = best.y / before.y
    if before.x == opposite.x:
        dividend, divisor = width * ratio, 1 - ratio
    else:
        far, near = before.y / opposite.y, best.y / opposite.y
        dividend = ratio * (width * far * (far - near) - (best.x - before.x) * (near - 1))
        divisor = (far - 1) * (near - 1) * (ratio - 1)
    dividend, divisor = abs(dividend), -divisor if dividend > 0 else divisor
    if dividend < 0.75 * width * divisor - abs(allowed * divisor) / 2 and dividend < abs(moved * divisor / 2):
        return dividend / divisor
    return None
