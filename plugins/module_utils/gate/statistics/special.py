# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The few special functions that the gate needs, with nothing but the standard library."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, lgamma, log, sqrt

_TINY = 1e-300
_EPSILON = 1e-16


def log_mean_exp(logs: Sequence[float]) -> float:
    """The logarithm of the mean of numbers that are given by their logarithms (which may be -inf or inf)."""
    top = max(logs)
    if top in (inf, -inf):
        return top
    return top + log(sum(exp(one - top) for one in logs) / len(logs))


def gamma_lower(shape: float, x: float) -> float:
    """The regularised lower incomplete gamma function P(shape, x), for shape > 0 and x >= 0.

    By its series below `shape + 1` and by Lentz's continued fraction above it (Abramowitz and Stegun 1964, 6.5.29 and
    6.5.31). Absolute error below 1e-12 up to a shape of some ten thousand.
    """
    if x <= 0:
        return 0.0
    front = exp(shape * log(x) - x - lgamma(shape))
    if x < shape + 1:
        return front * _series(shape, x)
    return 1.0 - front * _fraction(shape, x)


def _series(shape: float, x: float) -> float:
    term = total = 1.0 / shape
    step = shape
    while term > total * _EPSILON:
        step += 1.0
        term *= x / step
        total += term
    return total


def _fraction(shape: float, x: float) -> float:
    b = x + 1.0 - shape
    c, d = 1.0 / _TINY, 1.0 / b
    found, step = d, 0
    while True:
        step += 1
        a = -step * (step - shape)
        b += 2.0
        d = 1.0 / (a * d + b or _TINY)
        c = b + a / c or _TINY
        found *= c * d
        if abs(c * d - 1.0) < 1e-15:
            return found


def chi_square_quantile(share: float, degrees: float) -> float:
    """The x below which a chi-square variable of so many degrees of freedom is with this probability (0 < share < 1).

    Newton's method on log x, kept inside a bracket; it begins at Wilson and Hilferty's approximation (1931).
    """
    shape = degrees / 2.0
    spread = 2.0 / (9.0 * degrees)
    x = degrees * max(1.0 - spread + _normal_guess(share) * sqrt(spread), 0.05) ** 3 / 2.0
    low, high = 0.0, inf
    for _step in range(200):
        value = gamma_lower(shape, x) - share
        low, high = (x, high) if value < 0 else (low, x)
        density = exp(shape * log(x) - x - lgamma(shape))  # of log x
        following = x * exp(max(-2.0, min(2.0, -value / density))) if density > 0 else inf
        if not low < following < high:
            following = (low + high) / 2.0 if high < inf else 2.0 * x
        if abs(following - x) <= 1e-14 * x:
            break
        x = following
    return 2.0 * x


def _normal_guess(share: float) -> float:
    """The normal quantile to about 0.003 (Hastings 1955, in Abramowitz and Stegun 1964, 26.2.22)."""
    tail = min(share, 1.0 - share)
    t = sqrt(-2.0 * log(tail))
    z = t - (2.30753 + 0.27061 * t) / (1.0 + 0.99229 * t + 0.04481 * t * t)
    return -z if share < 0.5 else z
