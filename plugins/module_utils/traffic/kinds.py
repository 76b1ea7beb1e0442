# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every kind of route by its name in the option `route.kind`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..cluster import Cluster
from .errors import TrafficError
from .httproute import grpcroute, httproute
from .openshiftroute import openshiftroute
from .replicas import replicas
from .route import Route, RouteSpec
from .virtualservice import virtualservice

KINDS: Mapping[str, Callable[[Cluster, RouteSpec], Route]] = {
    "grpcroute": grpcroute,
    "httproute": httproute,
    "openshiftroute": openshiftroute,
    "replicas": replicas,
    "virtualservice": virtualservice,
}


def open_route(cluster: Cluster, spec: RouteSpec) -> Route:
    """The Route that a spec means. Nothing is read yet."""
    factory = KINDS.get(spec.kind)
    if factory is None:
        raise TrafficError("bad_route", f"route.kind is '{spec.kind}'; choose one of {', '.join(sorted(KINDS))}.")
    return factory(cluster, spec)
