# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mean, spread and percentiles, defined as Kayenta defines them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, fsum, nan, sqrt


@dataclass(frozen=True, slots=True)
class Summary:
    """What a report says of one arm's values. `std` is that of a sample (divided by n - 1)."""

    min: float = 0.0
    max: float = 0.0
    mean: float = 0.0
    std: float = 0.0
    count: int = 0


def summary(values: Sequence[float]) -> Summary:
    """Of no values everything is 0."""
    if not values:
        return Summary()
    return Summary(min(values), max(values), mean(values), sqrt(variance(values, len(values) - 1)), len(values))


def mean(values: Sequence[float]) -> float:
    """NaN of no values."""
    return fsum(values) / len(values) if values else nan


def variance(values: Sequence[float], divisor: int) -> float:
    """The squared distances from the mean over `divisor`; 0 of a single value."""
    middle = mean(values)
    return fsum((value - middle) ** 2 for value in values) / divisor if len(values) > 1 else 0.0


def percentile(values: Sequence[float], percent: float) -> float:
    """Linear between the two nearest ranks (Hyndman and Fan 1996, type 7, the default of R); NaN of no values."""
    if not values:
        return nan
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
