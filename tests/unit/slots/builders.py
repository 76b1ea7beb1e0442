# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shop with two slots, as small as it can be: blue is live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.slots.kinds import open_switch
from ansible_collections.slipway.rollout.plugins.module_utils.slots.route import SlotRoute
from ansible_collections.slipway.rollout.plugins.module_utils.slots.spec import SwitchSpec, parse_switch

from tests.unit.traffic.builders import (
    APPS,
    CORE,
    NAMESPACE,
    PATHS,
    SLICES,
    destination,
    http_route,
    ref,
    virtual_service,
)
from tests.unit.traffic.fake_api import FakeApi, Obj

SERVICE = f"{CORE}/services/shop"
HPAS = f"/apis/autoscaling/v2/namespaces/{NAMESPACE}/horizontalpodautoscalers"
OLD = "registry.example/shop@sha256:" + "a1" * 32
NEW = "registry.example/shop@sha256:" + "b2" * 32
SLOTS: Mapping[str, Obj] = {
    "service": {"blue": {"deployment": "shop-blue"}, "green": {"deployment": "shop-green"}},
    "virtualservice": {
        "blue": {"service": "shop-blue", "deployment": "shop-blue"},
        "green": {"service": "shop-green", "deployment": "shop-green"},
    },
}
KINDS = ("service", "virtualservice", "httproute", "grpcroute")


def options(kind: str = "service", **changes: Any) -> Obj:
    """The option `switch` as Ansible hands it over."""
    slots = SLOTS["service" if kind == "service" else "virtualservice"]
    blank = {"namespace": None, "rule": None, "api_version": None, "label": "slot"}
    return {**blank, "kind": kind, "name": "shop", "slots": slots} | changes


def params(kind: str = "service", switch: Obj | None = None, **changes: Any) -> Obj:
    """The options of slot_switch, with their defaults."""
    defaults = {
        "namespace": NAMESPACE,
        "switch": options(kind, **(switch or {})),
        "min_ready": 1,
        "image": None,
        "container": None,
        "slot": None,
        "state": "live",
        "observe": False,
        "observe_timeout": 5.0,
        "observe_metrics": {
            "metric": "http_requests_total",
            "matchers": '{path!~"/health.*"}',
            "via": "proxy",
            "port": None,
            "path": None,
            "interval": 0.25,
        },
        "drain": 0.0,
    }
    return defaults | changes


def switch(kind: str = "service", **changes: Any) -> SwitchSpec:
    return parse_switch({"namespace": NAMESPACE, "switch": options(kind, **changes)})


def route(api: FakeApi, kind: str = "service", *, back: bool = False, **changes: Any) -> SlotRoute:
    return open_switch(Cluster(api), switch(kind, **changes), back=back)


def pod(name: str, slot: str, *, ready: bool = True, image: str = OLD, port: str = "http", **meta: Any) -> Obj:
    return {
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"app": "shop", "slot": slot}, **meta},
        "spec": {"containers": [{"name": "app", "image": image, "ports": [{"name": port, "containerPort": 8000}]}]},
        "status": {"conditions": [{"type": "Ready", "status": "True" if ready else "False"}]},
    }


def endpoints(service: str, *pods: str, ready: bool | None = True) -> Obj:
    conditions = {} if ready is None else {"ready": ready}
    entries = [{"conditions": conditions, "targetRef": {"kind": "Pod", "name": name}} for name in pods]
    return {"metadata": {"labels": {"kubernetes.io/service-name": service}}, "endpoints": entries}


def deployment(slot: str, replicas: int, image: str = OLD, **spec: Any) -> Obj:
    labels = {"app": "shop", "slot": slot}
    container = {
        "name": "app",
        "image": image,
        "readinessProbe": {"httpGet": {"path": "/health/ready", "port": "http"}},
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
    }
    return {
        "kind": "Deployment",
        "metadata": {"name": f"shop-{slot}", "uid": slot, "generation": 1},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container], **spec}},
        },
        "status": {
            "observedGeneration": 1,
            "replicas": replicas,
            "updatedReplicas": replicas,
            "availableReplicas": replicas,
        },
    }


def put_pods(api: FakeApi, slot: str, count: int, **changes: Any) -> None:
    """Pods of a slot, and the endpoints of its own Service."""
    names = [f"{slot}-{number}" for number in range(count)]
    for name in names:
        api.put(f"{CORE}/pods/{name}", pod(name, slot, **changes))
    api.put(f"{SLICES}/shop-{slot}-1", endpoints(f"shop-{slot}", *names))


def shop(live: str = "blue", *, green: int = 3, single: bool = True) -> FakeApi:
    """Three pods of blue, some of green, and every kind of switch at `live`."""
    api, other = FakeApi(), "green" if live == "blue" else "blue"
    put_pods(api, "blue", 3)
    put_pods(api, "green", green, image=NEW)
    ports = [{"port": 80, "targetPort": "http"}]
    api.put(SERVICE, {"spec": {"selector": {"app": "shop", "slot": live}, "ports": ports}})
    for slot in ("blue", "green"):
        api.put(f"{CORE}/services/shop-{slot}", {"spec": {"selector": {"app": "shop", "slot": slot}}})
        api.put(f"{APPS}/shop-{slot}", deployment(slot, 3))
    api.put(f"{SLICES}/shop-1", endpoints("shop", *(f"{live}-{number}" for number in range(3))))
    hosts = [destination(f"shop-{live}")] if single else [destination("shop-blue", 100), destination("shop-green", 0)]
    api.put(
        PATHS["virtualservice"], virtual_service({"route": [destination("else")]}, {"name": "primary", "route": hosts})
    )
    refs = [ref(f"shop-{live}")] if single else [ref(f"shop-{live}", 100), ref(f"shop-{other}", 0)]
    for kind in ("httproute", "grpcroute"):
        rules = http_route({"name": "other", "backendRefs": [ref("else")]}, {"name": "primary", "backendRefs": refs})
        api.put(PATHS[kind], rules)
    return api


def path_of(kind: str) -> str:
    return SERVICE if kind == "service" else PATHS[kind]


def follow_selector(api: FakeApi) -> None:
    """What the EndpointSlice controller does: the Service's slice has the pods that it selects now."""
    slot = api.objects[SERVICE]["spec"]["selector"]["slot"]
    names = [path.rpartition("/")[2] for path, obj in api.objects.items() if path.startswith(f"{CORE}/pods/")
             and obj["metadata"]["labels"]["slot"] == slot]  # fmt: skip
    api.put(f"{SLICES}/shop-1", endpoints("shop", *names))
