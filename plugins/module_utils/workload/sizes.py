# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many pods a share of the traffic needs."""

from __future__ import annotations


def pods_for(live: int, weight: int) -> int:
    """Pods for `weight` percent of what `live` pods serve: rounded up, and at least one for any weight above 0.

    >>> pods_for(3, 10), pods_for(3, 50), pods_for(3, 100), pods_for(3, 0)
    (1, 2, 3, 0)
    """
    if weight <= 0:
        return 0
    return max(1, -(-live * weight // 100))
