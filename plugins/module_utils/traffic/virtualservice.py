# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Istio VirtualService: destinations of one HTTP route, found by the route's name and by host, subset and port.

Absent weights and short host names mean what they mean in
https://istio.io/latest/docs/reference/config/networking/virtual-service/
"""

from __future__ import annotations

from ..cluster import VIRTUAL_SERVICE, Cluster, Obj
from .route import Backend, RouteSpec, Settling
from .rules import Rule, Target
from .weighted import Shape, WeightedRoute

WHOLE = 100


def virtualservice(cluster: Cluster, spec: RouteSpec) -> WeightedRoute:
    return WeightedRoute(cluster, spec, Shape(VIRTUAL_SERVICE, rules, settling))


def rules(spec: RouteSpec, obj: Obj) -> tuple[Rule, ...]:
    routes = obj.get("spec", {}).get("http") or []
    return tuple(
        Rule(route.get("name", ""), f"spec.http[{i}]", _targets(spec, i, route.get("route") or []))
        for i, route in enumerate(routes)
    )


def settling(obj: Obj) -> Settling:  # noqa: ARG001 - istiod writes no status that says whether proxies have followed
    return Settling("unknown")


def host_key(host: str, namespace: str) -> tuple[str, ...]:
    """Equal for all spellings of one Service: a name without a dot belongs to the route's own namespace."""
    labels = host.rstrip(".").lower().split(".")
    if len(labels) == 1:
        return labels[0], namespace
    if len(labels) >= 3 and labels[2] == "svc":
        return labels[0], labels[1]
    return tuple(labels) + ("",) * (3 - len(labels))  # never as long as a Service's key


def _targets(spec: RouteSpec, index: int, entries: list[Obj]) -> tuple[Target, ...]:
    alone = len(entries) == 1
    return tuple(
        Target(
            path=f"/spec/http/{index}/route/{j}",
            label=_label(entry.get("destination", {})),
            # One destination takes everything, whatever its weight says.
            weight=WHOLE if alone else entry.get("weight", 0),
            written="weight" in entry,
            backends=tuple(b.name for b in spec.backends if _means(b, entry.get("destination", {}), spec.namespace)),
        )
        for j, entry in enumerate(entries)
    )


def _means(backend: Backend, destination: Obj, namespace: str) -> bool:
    return (
        host_key(backend.service, namespace) == host_key(destination.get("host", ""), namespace)
        and backend.subset == destination.get("subset", "")
        and backend.port in (None, destination.get("port", {}).get("number"))
    )


def _label(destination: Obj) -> str:
    port = destination.get("port", {}).get("number")
    subset = destination.get("subset")
    return (
        str(destination.get("host", "?")) + (f":{port}" if port is not None else "") + (f"/{subset}" if subset else "")
    )
