# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gateway API HTTPRoute and GRPCRoute: backendRefs of one rule, found by the rule's name or by its backends.

Weights and conditions mean what they mean in https://gateway-api.sigs.k8s.io/reference/spec/
"""

from __future__ import annotations

from ..cluster import GRPC_ROUTE, HTTP_ROUTE, Cluster, Obj
from .route import Backend, RouteSpec, Settling
from .rules import Rule, Target
from .weighted import Shape, WeightedRoute

ABSENT_WEIGHT = 1
_NEEDED = ("Accepted", "ResolvedRefs")


def httproute(cluster: Cluster, spec: RouteSpec) -> WeightedRoute:
    return WeightedRoute(cluster, spec, Shape(HTTP_ROUTE, rules, settling))


def grpcroute(cluster: Cluster, spec: RouteSpec) -> WeightedRoute:
    return WeightedRoute(cluster, spec, Shape(GRPC_ROUTE, rules, settling))


def rules(spec: RouteSpec, obj: Obj) -> tuple[Rule, ...]:
    return tuple(
        Rule(rule.get("name", ""), f"spec.rules[{i}]", _targets(spec, i, rule.get("backendRefs") or []))
        for i, rule in enumerate(obj.get("spec", {}).get("rules") or [])
    )


def settling(obj: Obj) -> Settling:
    """From status.parents: every parent must have accepted this generation and resolved its references."""
    generation = obj["metadata"].get("generation", 0)
    parents = obj.get("status", {}).get("parents") or []
    if not parents:
        return Settling("waiting", "no gateway controller has reported on this route (status.parents is empty)")
    for parent in parents:
        gateway = parent.get("parentRef", {}).get("name", "?")
        conditions = {condition["type"]: condition for condition in parent.get("conditions") or []}
        for name in _NEEDED:
            condition = conditions.get(name)
            if condition is None or condition.get("observedGeneration", generation) < generation:
                return Settling("waiting", f"gateway '{gateway}' has not yet reported {name} for this generation")
            if condition["status"] != "True":
                why = f"{condition.get('reason', '')}: {condition.get('message', '')}".strip(": ")
                return Settling("refused", f"gateway '{gateway}' reports {name}={condition['status']} ({why})")
    return Settling("settled")


def _targets(spec: RouteSpec, index: int, refs: list[Obj]) -> tuple[Target, ...]:
    return tuple(
        Target(
            path=f"/spec/rules/{index}/backendRefs/{j}",
            label=_label(ref, spec.namespace),
            weight=ref.get("weight", ABSENT_WEIGHT),
            written="weight" in ref,
            backends=tuple(b.name for b in spec.backends if _means(b, ref, spec.namespace)),
        )
        for j, ref in enumerate(refs)
    )


def _means(backend: Backend, ref: Obj, namespace: str) -> bool:
    return (
        not ref.get("group")
        and ref.get("kind", "Service") == "Service"
        and ref.get("namespace", namespace) == namespace
        and ref.get("name") == backend.service
        and backend.port in (None, ref.get("port"))
    )


def _label(ref: Obj, namespace: str) -> str:
    kind = "" if ref.get("kind", "Service") == "Service" else f"{ref['kind']} "
    prefix = f"{ref['namespace']}/" if ref.get("namespace", namespace) != namespace else ""
    port = f":{ref['port']}" if ref.get("port") is not None else ""
    return f"{kind}{prefix}{ref.get('name', '?')}{port}"
