# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a sum of many small steps first reaches a level: evidence is such a sum.

Taken for a Brownian motion of mean M and variance V at a time, it has been at the level h by then with probability
Phi((M - h)/sqrt V) + exp(2 M h / V) Phi(-(M + h)/sqrt V), the inverse Gaussian distribution (Schroedinger 1915; Wald
1947, appendix), for steps that are alike. Where the split changes meanwhile, M and V are sums over the stages.
"""

from __future__ import annotations

from math import erfc, exp, inf, log, pi, sqrt

_FAR = -8.0  # standard deviations below which the tail is taken from its asymptotic series


def reached(mean: float, variance: float, level: float) -> float:
    """The probability that the sum has been at `level` (above 0) when it has this mean and this variance."""
    if variance <= 0:
        return 1.0 if mean >= level else 0.0
    deviation = sqrt(variance)
    straight = exp(_log_normal((mean - level) / deviation))
    mirrored = 2.0 * mean * level / variance + _log_normal(-(mean + level) / deviation)
    return min(1.0, straight + exp(min(0.0, mirrored)))


def expected(drift: float, level: float) -> float:
    """The expected time until then, in units of the drift's (Wald's identity); infinite where it may never come."""
    return level / drift if drift > 0 else inf


def _log_normal(z: float) -> float:
    """The logarithm of the normal distribution function."""
    if z < _FAR:
        return -z * z / 2.0 - log(-z) - log(2.0 * pi) / 2.0 + log(1.0 - 1.0 / z**2 + 3.0 / z**4)
    return log(erfc(-z / sqrt(2.0)) / 2.0)
