# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A route that is not there: what the user may have meant."""

from __future__ import annotations

from ..cluster import Cluster, ClusterError, Kind, NotFound
from .errors import TrafficError
from .route import RouteSpec

_SHOWN = 5


def missing_object(cluster: Cluster, kind: Kind, spec: RouteSpec, error: NotFound) -> TrafficError:
    """An error `no_route` that tells a missing kind from a missing object, and lists what is there instead."""
    try:
        names = sorted(obj["metadata"]["name"] for obj in cluster.list(kind, spec.namespace))
    except NotFound:
        return TrafficError(
            "no_route",
            f"This cluster does not serve {kind.kind} as {kind.api_version}. Install it, set route.api_version to a "
            f"version that `kubectl api-versions` lists, or choose another route.kind. ({error})",
        )
    except ClusterError:
        names = []
    others = f"There are: {', '.join(names[:_SHOWN])}{', …' if len(names) > _SHOWN else ''}." if names else ""
    return TrafficError(
        "no_route",
        f"There is no {kind.kind} '{spec.name}' in namespace '{spec.namespace}'. {others} "
        "Correct route.name or route.namespace.".replace("  ", " "),
    )
