# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which values are outliers."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from .descriptive import mean, percentile, variance


def interquartile(values: Sequence[float], factor: float, *, lenient: bool = False) -> list[bool]:
    """Tukey's fences (1977): further than `factor` interquartile ranges below the first or above the third quartile.

    When `lenient`, values within the 1st and the 99th percentile are never outliers; so Kayenta's judge does it.
    """
    first, third = percentile(values, 25), percentile(values, 75)
    low, high = first - factor * (third - first), third + factor * (third - first)
    if lenient:
        low, high = min(low, percentile(values, 1)), max(high, percentile(values, 99))
    return [value < low or value > high for value in values]


def k_sigma(values: Sequence[float], k: float) -> list[bool]:
    """Further than `k` standard deviations (of the population) from the mean."""
    middle, allowed = mean(values), k * sqrt(variance(values, len(values)))
    return [abs(value - middle) > allowed for value in values]
