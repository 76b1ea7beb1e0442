# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes as users have them, as small as they can be."""

from __future__ import annotations

from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.kinds import open_route
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.route import Backend, Route, RouteSpec
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split

from tests.unit.traffic.fake_api import FakeApi

Obj = dict[str, Any]

NAMESPACE = "production"
CORE = f"/api/v1/namespaces/{NAMESPACE}"
APPS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
SLICES = f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices"
PATHS = {
    "virtualservice": f"/apis/networking.istio.io/v1/namespaces/{NAMESPACE}/virtualservices/shop",
    "httproute": f"/apis/gateway.networking.k8s.io/v1/namespaces/{NAMESPACE}/httproutes/shop",
    "grpcroute": f"/apis/gateway.networking.k8s.io/v1/namespaces/{NAMESPACE}/grpcroutes/shop",
    "openshiftroute": f"/apis/route.openshift.io/v1/namespaces/{NAMESPACE}/routes/shop",
    "replicas": f"{CORE}/services/shop",
}


def split(stable: int, canary: int) -> Split:
    return Split((("stable", stable), ("canary", canary)))


def spec(kind: str, **changes: Any) -> RouteSpec:
    if kind == "replicas":
        backends = (Backend("stable", deployment="shop-main"), Backend("canary", deployment="shop-canary"))
    else:
        backends = (Backend("stable", service="shop-main"), Backend("canary", service="shop-canary"))
    fields: dict[str, Any] = {"kind": kind, "name": "shop", "namespace": NAMESPACE, "backends": backends}
    return RouteSpec(**{**fields, **changes})


def destination(host: str, weight: int | None = None, **more: Any) -> Obj:
    entry: Obj = {"destination": {"host": host, **more}}
    return entry if weight is None else {**entry, "weight": weight}


def ref(name: str, weight: int | None = None, **more: Any) -> Obj:
    entry: Obj = {"name": name, "port": 80, **more}
    return entry if weight is None else {**entry, "weight": weight}


def virtual_service(*routes: Obj) -> Obj:
    return {"spec": {"hosts": ["*"], "http": list(routes)}}


def http_route(*rules: Obj) -> Obj:
    return {"metadata": {"generation": 3}, "spec": {"rules": list(rules)}}


def service(name: str, weight: int | None = None, **more: Any) -> Obj:
    entry: Obj = {"kind": "Service", "name": name, **more}
    return entry if weight is None else {**entry, "weight": weight}


def openshift_route(to: Obj, *others: Obj) -> Obj:
    return {"spec": {"host": "shop.example.org", "to": to, "alternateBackends": list(others), "wildcardPolicy": "None"}}


def deployment(version: str, replicas: int, ready: int | None = None) -> Obj:
    labels = {"app": "shop", "version": version}
    return {
        "metadata": {"generation": 2},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": {**labels, "traffic": "shared"}}},
        },
        "status": {"observedGeneration": 9, "readyReplicas": replicas if ready is None else ready},
    }


def put_route(api: FakeApi, kind: str, stable: int, canary: int) -> None:
    """A route of that kind; for `replicas` the numbers are pods."""
    if kind == "replicas":
        api.put(PATHS[kind], {"spec": {"selector": {"app": "shop", "traffic": "shared"}}})
        api.put(f"{APPS}/shop-main", deployment("main", stable))
        api.put(f"{APPS}/shop-canary", deployment("canary", canary))
    elif kind == "virtualservice":
        route = {"name": "primary", "route": [destination("shop-main", stable), destination("shop-canary", canary)]}
        api.put(PATHS[kind], virtual_service({"name": "other", "route": [destination("else")]}, route))
    elif kind == "openshiftroute":
        api.put(PATHS[kind], openshift_route(service("shop-main", stable), service("shop-canary", canary)))
    else:
        rule = {"name": "primary", "backendRefs": [ref("shop-main", stable), ref("shop-canary", canary)]}
        api.put(PATHS[kind], http_route({"name": "other", "backendRefs": [ref("else")]}, rule))


def route(api: FakeApi, kind: str, **changes: Any) -> Route:
    return open_route(Cluster(api), spec(kind, **changes))
