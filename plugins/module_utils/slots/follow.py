# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A switch is done when traffic has followed: endpoints first, then the requests that pods count."""

from __future__ import annotations

from typing import Any

from ..clock import Clock
from ..cluster import Cluster, ClusterError
from ..traffic.apply import SplitChange
from ..traffic.arguments import ObserveOptions
from ..traffic.errors import TrafficError, from_cluster
from ..traffic.observe import Observation, observe
from .counters import open_counters
from .route import SlotRoute
from .spec import SERVICE


def follow(
    cluster: Cluster,
    route: SlotRoute,
    change: SplitChange,
    options: ObserveOptions | None,
    clock: Clock,
    timeout: float,
) -> dict[str, Any]:
    """What was seen, as data; empty where there was nothing to see.

    A Service's endpoints are waited for in any case, requests only with `options`. Raises TrafficError.
    """
    if options is None and route.switch.kind != SERVICE:
        return {}
    try:
        counters = open_counters(cluster, route, options, clock) if options else None
    except ClusterError as error:
        raise from_cluster(error, f"{route.switch.describe()} is switched, but could not be observed.") from error
    try:
        seen = observe(route, change.before, change.after, counters, clock=clock, timeout=timeout)
    except TrafficError as error:
        kept = _kept_connections(route, error) if counters is not None else None
        if kept is None:
            raise
        seen = kept
    data = seen.as_dict()
    return data | ({"by": "endpoints"} if data["by"] == "status" and route.switch.kind == SERVICE else {})


def _kept_connections(route: SlotRoute, error: TrafficError) -> Observation | None:
    """Requests on the former slot though the Service has no endpoint there: connections that were open before.

    Nothing but their end moves them (without a proxy a connection is to a pod, not to a Service), so they are no
    failure of the switch.
    """
    if error.error != "not_followed" or route.switch.kind != SERVICE or route.observe().state != "settled":
        return None
    seen = error.data.get("observation", {})
    warning = (
        "the Service's endpoints are those of the live slot, but requests still reach the other one, on connections "
        "that were open before. They move when clients open new ones, at the latest when its pods end."
    )
    return Observation(False, "endpoints", seen.get("seconds", 0.0), seen.get("requests", {}), warning)
