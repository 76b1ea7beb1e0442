# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is done to values before they are compared."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from math import isnan
from random import Random


def remove_nans(values: Sequence[float]) -> list[float]:
    return [value for value in values if not isnan(value)]


def replace_nans(values: Sequence[float], replacement: float = 0.0) -> list[float]:
    return [replacement if isnan(value) else value for value in values]


def remove_outliers(values: Sequence[float], outliers: Sequence[bool]) -> list[float]:
    """`outliers` says of each value whether it is one."""
    return list(compress(values, (not one for one in outliers)))


def add_noise(values: Sequence[float], random: Random, mean: float, deviation: float) -> list[float]:
    """With a normally distributed number added to each."""
    return [value + random.gauss(mean, deviation) for value in values]
