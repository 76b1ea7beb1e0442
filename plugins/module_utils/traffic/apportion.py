# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whole numbers that keep proportions: pods from weights, percent from any weights."""

from __future__ import annotations

from collections.abc import Sequence


def apportion(weights: Sequence[int], total: int) -> list[int]:
    """Share `total` out in proportion to `weights` by largest remainder; every weight above 0 gets at least one.

    The shares sum to `total`, or to the number of weights above 0 where `total` is smaller than that.
    Between equal remainders the earlier one gets more. All weights 0: all shares 0.
    """
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    total = max(total, sum(1 for weight in weights if weight > 0))
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    for i, weight in enumerate(weights):
        if weight > 0 and shares[i] == 0:
            # The one goes from where rounding gave most above the exact share.
            givers = [j for j, share in enumerate(shares) if share > 1]
            shares[max(givers, key=lambda j: (shares[j] * whole - total * weights[j], -j))] -= 1
            shares[i] = 1
    return shares
