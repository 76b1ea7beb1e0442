# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""OpenShift Route: one rule without a name, whose first backend is `spec.to` and the rest `spec.alternateBackends`.

Weights are relative, 0 to 256 and 100 where absent; percent fit in as they are.
https://docs.redhat.com/en/documentation/openshift_container_platform/latest/html/network_apis/route-route-openshift-io-v1
"""

from __future__ import annotations

from collections.abc import Iterator

from ..cluster import OPENSHIFT_ROUTE, Cluster, Obj
from .route import Backend, RouteSpec, Settling
from .rules import Rule, Target
from .weighted import Shape, WeightedRoute

ABSENT_WEIGHT = 100


def openshiftroute(cluster: Cluster, spec: RouteSpec) -> WeightedRoute:
    return WeightedRoute(cluster, spec, Shape(OPENSHIFT_ROUTE, rules, settling))


def rules(spec: RouteSpec, obj: Obj) -> tuple[Rule, ...]:
    return (Rule("", "spec", tuple(_target(spec, path, ref) for path, ref in backend_refs(obj))),)


def backend_refs(obj: Obj) -> Iterator[tuple[str, Obj]]:
    """The backends in their order, each with its JSON Pointer."""
    body = obj.get("spec", {})
    if body.get("to"):
        yield "/spec/to", body["to"]
    for i, ref in enumerate(body.get("alternateBackends") or []):
        yield f"/spec/alternateBackends/{i}", ref


def settling(obj: Obj) -> Settling:
    """From status.ingress: each router must have admitted the Route.

    A router does not say which generation it has admitted, so this never proves that weights were taken up.
    """
    routers = obj.get("status", {}).get("ingress") or []
    if not routers:
        return Settling("waiting", "no router has reported on this Route (status.ingress is empty)")
    for router in routers:
        name = router.get("routerName", "?")
        admitted = next((one for one in router.get("conditions") or [] if one["type"] == "Admitted"), None)
        if admitted is None or admitted["status"] == "Unknown":
            return Settling("waiting", f"router '{name}' has not yet reported Admitted")
        if admitted["status"] != "True":
            why = f"{admitted.get('reason', '')}: {admitted.get('message', '')}".strip(": ")
            return Settling("refused", f"router '{name}' reports Admitted={admitted['status']} ({why})")
    return Settling("unknown")


def _target(spec: RouteSpec, path: str, ref: Obj) -> Target:
    weight = ref.get("weight")
    return Target(
        path=path,
        label=str(ref.get("name", "?")),
        weight=ABSENT_WEIGHT if weight is None else weight,
        written="weight" in ref,
        backends=tuple(backend.name for backend in spec.backends if _means(backend, ref)),
    )


def _means(backend: Backend, ref: Obj) -> bool:
    return (ref.get("kind") or "Service") == "Service" and ref.get("name") == backend.service
