# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The counters that show on which slot requests arrive: those of its own pods."""

from __future__ import annotations

from ..clock import Clock
from ..cluster import Cluster
from ..gate.subject import PodGroup
from ..labels import join_labels
from ..traffic.arguments import ObserveOptions
from ..traffic.counters import counters_of
from ..traffic.observe import Counters
from .route import SlotRoute


def open_counters(cluster: Cluster, route: SlotRoute, options: ObserveOptions, clock: Clock) -> Counters:
    """Raises TrafficError `bad_observe`, ClusterError."""

    def groups() -> list[PodGroup]:
        found = route.selectors(route.read())
        return [PodGroup(slot, namespace, join_labels(labels)) for slot, (namespace, labels) in found.items()]

    return counters_of(cluster, groups, options, clock)
