# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster as it should be before a blue-green release; tests spoil one thing each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import (
    DEPLOYMENT,
    ENDPOINT_SLICE,
    HPA,
    NAMESPACE,
    POD,
    SERVICE,
    VIRTUAL_SERVICE,
    Kind,
)
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.inspect import Preflight
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.problem import Problem
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.wish import Wish
from ansible_collections.slipway.rollout.plugins.module_utils.registry.image import Image
from ansible_collections.slipway.rollout.plugins.module_utils.registry.options import RegistryOptions
from ansible_collections.slipway.rollout.plugins.module_utils.registry.resolve import Answer
from ansible_collections.slipway.rollout.plugins.module_utils.slots.inspect import inspect
from ansible_collections.slipway.rollout.plugins.module_utils.slots.look import SlotView, look

from tests.unit.preflight.world import NEW_DIGEST, hpa
from tests.unit.slots.builders import deployment, endpoints, options, pod, switch
from tests.unit.store import Obj, Store
from tests.unit.traffic.builders import destination, virtual_service

PRODUCTION = "production"


def params(kind: str = "service", **changes: Any) -> Obj:
    """The options of slot_preflight, with their defaults."""
    defaults: Obj = {
        "namespace": PRODUCTION,
        "image": "registry.example/shop:2",
        "switch": options(kind),
        "container": None,
        "differences": "refuse",
        "may_differ": [],
        "keep_replicas": 1,
        "hpa_follows": True,
        "registry": {},
        "subject": {},
        "pods_proxy": True,
        "service_proxy": False,
        "preview": "",
        "config": "",
        "template": {},
    }
    return defaults | changes


def wish(live: str = "shop-blue", idle: str = "shop-green") -> Wish:
    return Wish(PRODUCTION, Image.parse("registry.example/shop:2"), "", live, idle, None, ())


class World:
    """Blue is live with three pods, green rests, and the registry has the image."""

    def __init__(self) -> None:
        self.store = Store()
        self.put(NAMESPACE, {"metadata": {"name": PRODUCTION}}, None)
        self.put(DEPLOYMENT, deployment("blue", 3))
        self.put(DEPLOYMENT, deployment("green", 0))
        ports = [{"port": 80, "targetPort": "http"}]
        for name, selector in (("shop", "blue"), ("shop-blue", "blue"), ("shop-green", "green")):
            spec = {"selector": {"app": "shop", "slot": selector}, "ports": ports}
            self.put(SERVICE, {"metadata": {"name": name}, "spec": spec})
        for number in range(3):
            self.put(POD, pod(f"blue-{number}", "blue"))
        for service in ("shop", "shop-blue"):
            found = endpoints(service, *(f"blue-{number}" for number in range(3)))
            self.put(ENDPOINT_SLICE, {**found, "metadata": {**found["metadata"], "name": f"{service}-1"}})
        route = virtual_service({"name": "primary", "route": [destination("shop-blue")]})
        self.put(VIRTUAL_SERVICE, {"metadata": {"name": "shop"}, **route})

    def put(self, kind: Kind, obj: Obj, namespace: str | None = PRODUCTION) -> None:
        self.store.put(kind, namespace, obj)

    def change(self, kind: Kind, name: str, edit: Callable[[Obj], object]) -> None:
        edit(self.store.objects[kind.path(PRODUCTION, name)])

    def scale(self, **changes: Any) -> None:
        self.put(HPA, hpa(target="shop-blue", **changes))

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        return Answer(200, {"docker-content-digest": NEW_DIGEST})

    def connect(self, options: RegistryOptions) -> World:
        return self

    def look(self, kind: str = "service", **changes: Any) -> SlotView:
        return look(self.store.cluster(), switch(kind, **changes))

    def inspect(self, kind: str = "service", **changes: Any) -> Preflight:
        metrics = changes.pop("metrics", None)
        return inspect(self.store.cluster(), params(kind, **changes), self.connect, metrics)

    def problem(self, kind: str = "service", **changes: Any) -> Problem:
        (problem,) = self.inspect(kind, **changes).problems
        return problem

    def notes(self, **changes: Any) -> str:
        found = self.inspect(**changes)
        assert not found.problems
        return "\n".join(found.notes)
