# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A user's cluster as it should be before a rollout, in memory; tests spoil one thing each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import (
    DEPLOYMENT,
    HPA,
    NAMESPACE,
    PDB,
    SERVICE,
    VIRTUAL_SERVICE,
    Kind,
)
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.inspect import Preflight, inspect
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.problem import Problem
from ansible_collections.slipway.rollout.plugins.module_utils.registry.options import RegistryOptions
from ansible_collections.slipway.rollout.plugins.module_utils.registry.resolve import Answer

from tests.unit.store import Obj, Store

OLD = "registry.example/shop@sha256:" + "a1" * 32
NEW_DIGEST = "sha256:" + "b2" * 32
NEW = f"registry.example/shop@{NEW_DIGEST}"
ROUTE: Obj = {
    "kind": "virtualservice",
    "name": "shop",
    "rule": "primary",
    "backends": {"stable": {"service": "shop-main"}, "canary": {"service": "shop-canary"}},
}
REPLICAS_ROUTE: Obj = {
    "kind": "replicas",
    "name": "shop",
    "backends": {"stable": {"deployment": "shop-main"}, "canary": {"deployment": "shop-canary"}},
}


def params(**changes: Any) -> dict[str, Any]:
    """The module's options as Ansible hands them over."""
    options: dict[str, Any] = {
        "namespace": "production",
        "image": "registry.example/shop:2",
        "stable": "shop-main",
        "canary": "shop-canary",
        "container": None,
        "route": copy.deepcopy(ROUTE),
        "stages": [10, 50, 100],
        "first_stage": None,
        "registry": {},
    }
    return options | changes


def deployment(arm: str, replicas: int, image: str = OLD) -> Obj:
    labels = {"app": "shop", "version": arm}
    container = {"name": "app", "image": image, "lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}
    return {
        "metadata": {"name": f"shop-{arm}", "uid": arm, "generation": 1},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
        "status": {
            "observedGeneration": 1,
            "replicas": replicas,
            "updatedReplicas": replicas,
            "availableReplicas": replicas,
        },
    }


class World:
    """The cluster and its registry."""

    def __init__(self) -> None:
        self.store = Store()
        self.answer: Answer | Exception = Answer(200, {"docker-content-digest": NEW_DIGEST})
        self.asked: list[Mapping[str, str]] = []
        self.put(NAMESPACE, {"metadata": {"name": "production"}}, None)
        self.put(DEPLOYMENT, deployment("main", 3))
        self.put(DEPLOYMENT, deployment("canary", 0))
        for name in ("main", "canary"):
            selector = {"app": "shop", "version": name}
            self.put(SERVICE, {"metadata": {"name": f"shop-{name}"}, "spec": {"selector": selector}})
        self.put(SERVICE, {"metadata": {"name": "shop"}, "spec": {"selector": {"app": "shop"}}})
        destinations = [{"destination": {"host": f"shop-{arm}"}} for arm in ("main", "canary")]
        for entry, weight in zip(destinations, (100, 0), strict=True):
            entry["weight"] = weight  # type: ignore[assignment]
        route = {"name": "primary", "route": destinations}
        self.put(VIRTUAL_SERVICE, {"metadata": {"name": "shop"}, "spec": {"hosts": ["shop"], "http": [route]}})

    def put(self, kind: Kind, obj: Obj, namespace: str | None = "production") -> None:
        self.store.put(kind, namespace, obj)

    def change(self, kind: Kind, name: str, edit: Callable[[Obj], object]) -> None:
        obj = copy.deepcopy(self.store.objects[kind.path("production", name)])
        edit(obj)
        self.put(kind, obj)

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        self.asked.append(headers)
        return _given(self.answer)

    def connect(self, options: RegistryOptions) -> World:
        if options.ca_path:
            raise OSError("No such file")
        return self

    def inspect(self, **changes: Any) -> Preflight:
        return inspect(self.store.cluster(), params(**changes), self.connect, proxy=True)

    def problems(self, **changes: Any) -> tuple[Problem, ...]:
        return self.inspect(**changes).problems

    def problem(self, **changes: Any) -> Problem:
        (problem,) = self.problems(**changes)
        return problem


def hpa(name: str = "shop", target: str = "shop-main", least: int = 2, most: int = 10, **metadata: Any) -> Obj:
    return {
        "metadata": {"name": name, **metadata},
        "spec": {
            "scaleTargetRef": {"kind": "Deployment", "name": target},
            "minReplicas": least,
            "maxReplicas": most,
        },
    }


def budget(**spec: Any) -> Obj:
    return {"metadata": {"name": "shop"}, "spec": {"selector": {"matchLabels": {"app": "shop"}}, **spec}}


__all__ = ["HPA", "PDB"]


def _given(answer: Answer | Exception) -> Answer:
    if isinstance(answer, Exception):
        raise answer
    return answer
