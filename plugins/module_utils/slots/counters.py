# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The counters that show on which slot requests arrive: those of its own pods."""

from __future__ import annotations

from ..clock import Clock
from ..cluster import Cluster
from ..gate.selector import Selector, SelectorError
from ..gate.sources.pods import Endpoint, pods_source
from ..gate.subject import PodGroup
from ..labels import join_labels
from ..traffic.arguments import ObserveOptions
from ..traffic.errors import TrafficError
from ..traffic.observe import Counters
from .route import SlotRoute


def open_counters(cluster: Cluster, route: SlotRoute, options: ObserveOptions, clock: Clock) -> Counters:
    """Raises TrafficError `bad_observe`, ClusterError."""
    text = options.metric + options.matchers
    try:
        selector = Selector.parse(text)
    except SelectorError as error:
        raise TrafficError(
            "bad_observe", f"observe_metrics gives the selector {text}, which cannot be read: {error}. Correct it."
        ) from error
    groups = [
        PodGroup(slot, namespace, join_labels(labels))
        for slot, (namespace, labels) in route.selectors(route.read()).items()
    ]
    endpoint = Endpoint(via=options.via, port=options.port, path=options.path)
    return Counters(pods_source(cluster, groups, clock, endpoint=endpoint), selector, options.interval)
