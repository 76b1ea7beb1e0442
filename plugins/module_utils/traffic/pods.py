# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many pods make a split: pure arithmetic for the route kind `replicas`."""

from __future__ import annotations

from collections.abc import Mapping

from .apportion import apportion
from .route import RouteSpec
from .split import Split


def wanted_pods(spec: RouteSpec, split: Split, today: Mapping[str, int]) -> dict[str, int]:
    """Pods per backend for `split`, given today's pods per backend.

    `capacity` pods (today's sum where it is not given) are shared out by largest remainder, a weight above 0 gets at
    least one. A backend that `keep` names never goes below its floor; the others are then rounded up, because the
    floor already keeps the capacity that they would otherwise have to leave.
    """
    floors = dict(spec.keep)
    capacity = sum(today.values()) if spec.capacity is None else spec.capacity
    shares = dict(zip(split.names, apportion([weight for name, weight in split], capacity), strict=True))
    pods = {}
    for name, weight in split:
        if floors:
            rounded_up = -(-capacity * weight // 100)
            shares[name] = shares[name] if name in floors else max(rounded_up, min(1, weight))
        pods[name] = max(shares[name], floors.get(name, 0))
    return pods


def describe_pods(pods: Mapping[str, int]) -> str:
    """For people: `stable 3, canary 1`."""
    return ", ".join(f"{name} {count}" for name, count in pods.items())
