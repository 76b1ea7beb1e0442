# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An app as a team may have it, before Slipway knows of it."""

from __future__ import annotations

from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.adopt.world import ROUTES, World, read_world
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT, POD, SERVICE, Kind

from tests.unit.store import Obj, Store

NAMESPACE = "shop"
PAGE = """
http_requests_total{status="200"} 900
http_requests_total{status="500"} 1
http_request_duration_seconds_bucket{path="/orders",le="0.1"} 880
http_request_duration_seconds_bucket{path="/orders",le="0.25"} 899
http_request_duration_seconds_bucket{path="/orders",le="0.5"} 900
http_request_duration_seconds_bucket{path="/orders",le="+Inf"} 900
http_request_duration_seconds_count{path="/orders"} 900
"""


def deployment(name: str = "shop", labels: Obj | None = None, **changes: Any) -> Obj:
    """Changes: selector, replicas, containers, annotations, own (labels), spec (of pods)."""
    labels = labels or {"app": name}
    container = {
        "name": "app",
        "image": "registry.example/team/shop:1",
        "ports": [{"name": "http", "containerPort": 8000}, {"name": "admin", "containerPort": 9000}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8000}},
    }
    annotations = {"prometheus.io/port": "9000", "kubectl.kubernetes.io/restartedAt": "2027-01-15T08:16:00Z"}
    template = {
        "metadata": {"labels": labels, "annotations": changes.get("annotations", annotations)},
        "spec": {"containers": changes.get("containers", [container]), **changes.get("spec", {})},
    }
    selector = {"matchLabels": changes.get("selector", labels)}
    meta = {"name": name, "namespace": NAMESPACE, "uid": f"uid-{name}", "labels": changes.get("own", {"app": name})}
    return {
        "metadata": meta,
        "spec": {"replicas": changes.get("replicas", 2), "selector": selector, "template": template},
    }


def service(name: str = "shop", selector: Obj | None = None, **spec: Any) -> Obj:
    ports = [{"name": "http", "port": 80, "targetPort": "http", "nodePort": 30080}]
    selector = {"app": "shop"} if selector is None else selector
    return {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": {"selector": selector, "ports": ports, **spec}}


def pod(of: Obj, name: str = "shop-1") -> Obj:
    template = of["spec"]["template"]
    status = {"podIP": "10.0.0.7", "conditions": [{"type": "Ready", "status": "True"}]}
    meta = {**template["metadata"], "name": name, "namespace": NAMESPACE}
    return {"metadata": meta, "spec": template["spec"], "status": status}


def virtual_service(*routes: Obj, name: str = "shop") -> Obj:
    return {
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"hosts": ["shop.example"], "http": list(routes)},
    }


def http_route(*rules: Obj, name: str = "shop") -> Obj:
    return {
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"parentRefs": [{"name": "g"}], "rules": list(rules)},
    }


def openshift_route(*names: str, name: str = "shop") -> Obj:
    to, *others = ({"kind": "Service", "name": one, "weight": 0 if i else 100} for i, one in enumerate(names))
    return {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": {"to": to, "alternateBackends": others}}


def to(host: str, weight: int | None = None, **more: Any) -> Obj:
    entry: Obj = {"destination": {"host": host, **more}}
    return entry if weight is None else {**entry, "weight": weight}


def ref(name: str, weight: int | None = None, **more: Any) -> Obj:
    entry: Obj = {"name": name, "port": 80, **more}
    return entry if weight is None else {**entry, "weight": weight}


def store(*pairs: tuple[Kind, Obj]) -> Store:
    found = Store()
    for kind, obj in pairs:
        found.put(kind, obj["metadata"].get("namespace", NAMESPACE), obj)
        found.put(kind, None, obj) if kind.kind == "Gateway" else None
    return found


def simple(*routes: tuple[str, Obj], page: str = PAGE) -> Store:
    """One Deployment, one Service by the same label, one pod, and these routes."""
    one = deployment()
    pairs = [(DEPLOYMENT, one), (SERVICE, service()), (POD, pod(one))]
    found = store(*pairs, *((ROUTES[kind], obj) for kind, obj in routes))
    found.raw[f"/api/v1/namespaces/{NAMESPACE}/pods/shop-1:9000/proxy/metrics"] = (200, page.encode())
    return found


def both(**changes: Any) -> list[tuple[Kind, Obj]]:
    """A team that has a canary already: labels app and version, a Service for each, and one for both."""
    arms = [("main", "main"), ("canary", "canary")]
    pairs: list[tuple[Kind, Obj]] = []
    for arm, version in arms:
        labels = {"app": "shop", "version": version}
        pairs.append((DEPLOYMENT, deployment(f"shop-{arm}", labels, replicas=3 if arm == "main" else 0, **changes)))
        pairs.append((SERVICE, service(f"shop-{arm}", labels)))
    return [*pairs, (SERVICE, service("shop", {"app": "shop"}))]


def world(found: Store) -> World:
    return read_world(found.cluster(), NAMESPACE)
