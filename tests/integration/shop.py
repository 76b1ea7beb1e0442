# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo app once more, in a namespace of its own: its routes may be broken, raced for and written by everybody."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from lab import app, kube
from lab.load import ENTRANCES, Entrance
from tests.integration import openshift

NAME = "continual-transformer"
KINDS = ("grpcroute", "httproute", "openshiftroute", "replicas", "virtualservice")
WEIGHTED = ("grpcroute", "httproute", "openshiftroute", "virtualservice")
CONFLICT = 409
MERGE = "application/merge-patch+json"
_OF_THE_FIRST = frozenset({"HorizontalPodAutoscaler", "Namespace", "PodDisruptionBudget"})
_API_KINDS = {
    "virtualservice": ("networking.istio.io/v1", "VirtualService"),
    "httproute": ("gateway.networking.k8s.io/v1", "HTTPRoute"),
    "grpcroute": ("gateway.networking.k8s.io/v1", "GRPCRoute"),
    "openshiftroute": ("route.openshift.io/v1", "Route"),
    "replicas": ("apps/v1", "Deployment"),
}


@dataclass(frozen=True)
class Shop:
    """Deployments main and canary with one pod each and every kind of route, at hosts that carry the namespace."""

    api: kube.Api
    images: Mapping[str, str]
    namespace: str = "slipway-tests"

    def open(self) -> None:
        self.close()
        within(90, lambda: kube.find(self.api, f"/api/v1/namespaces/{self.namespace}") is None)
        kube.apply(self.api, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}})
        openshift.install(self.api)
        for obj in self._objects():
            kube.apply(self.api, obj)
        openshift.admit(self.api, self.path("openshiftroute"))
        self.scale(main=1, canary=1)

    def close(self) -> None:
        remove_namespace(self.api, self.namespace)

    def entrance(self, kind: str) -> Entrance:
        there = ENTRANCES[kind]
        return Entrance(there.url, self._host(there.host))

    def route(self, kind: str, **changes: Any) -> dict[str, Any]:
        """The option `route` for a kind."""
        key = "deployment" if kind == "replicas" else "service"
        backends = {name: {key: f"{NAME}-{arm}"} for name, arm in (("stable", "main"), ("canary", "canary"))}
        name = f"{NAME}-shared" if kind == "replicas" else NAME
        return {"kind": kind, "name": name, "namespace": self.namespace, "backends": backends, **changes}

    def path(self, kind: str, arm: str = "canary") -> str:
        """Where the API serves the object that is written; with `replicas` one of two Deployments."""
        api_version, name = _API_KINDS[kind]
        where = kube.collection(api_version, name, self.namespace)
        return f"{where}/{NAME}-{arm}" if kind == "replicas" else f"{where}/{NAME}"

    def get(self, kind: str, arm: str = "canary") -> kube.Obj:
        return self.api.call("GET", self.path(kind, arm))

    def put(self, kind: str, stable: int, canary: int) -> None:
        """The route as declared, at these weights; with `replicas` pods, waited for."""
        if kind == "replicas":
            self.scale(main=stable, canary=canary)
            return
        declared = next(obj for obj in self._objects() if kube.path(obj) == self.path(kind))
        for entry, weight in zip(entries(declared), (stable, canary), strict=True):
            entry["weight"] = weight
        kube.replace(self.api, declared)

    def edit(self, kind: str, change: Callable[[kube.Obj], None], manager: str = "kubectl-edit") -> None:
        """Somebody else writes the object: read, change, put, until no controller comes between."""
        for _attempt in range(20):
            obj = self.get(kind)
            change(obj)
            try:
                self.api.call("PUT", f"{self.path(kind)}?fieldManager={manager}", obj)
            except kube.ApiError as error:
                if error.status != CONFLICT:
                    raise
            else:
                return
        raise AssertionError(f"{self.path(kind)} is written all the time")

    def scale(self, **pods: int) -> None:
        for arm, count in pods.items():
            self.api.call("PATCH", self.path("replicas", arm), {"spec": {"replicas": count}}, MERGE)
        for arm, count in pods.items():
            within(60, lambda arm=arm, count=count: self._ready(arm, count))  # type: ignore[misc]

    def shares(self, kind: str) -> dict[str, int]:
        """What the cluster holds, read without the code under test."""
        if kind == "replicas":
            counts = (self.get(kind, arm)["spec"]["replicas"] for arm in ("main", "canary"))
        else:
            counts = (entry.get("weight", 0) for entry in entries(self.get(kind)))
        return dict(zip(("stable", "canary"), counts, strict=True))

    def _ready(self, arm: str, count: int) -> bool:
        obj = self.get("replicas", arm)
        status = obj.get("status", {})
        seen = status.get("observedGeneration", 0) >= obj["metadata"]["generation"]
        return seen and status.get("readyReplicas", 0) == count == status.get("replicas", 0)

    def _host(self, host: str) -> str:
        return f"{self.namespace}.{host}"

    def _objects(self) -> Iterator[kube.Obj]:
        for declared in app.objects(self.images):
            if declared["kind"] in _OF_THE_FIRST or declared["metadata"]["name"].endswith("-green"):
                continue
            obj = copy.deepcopy(declared)
            obj["metadata"]["namespace"] = self.namespace
            for field in ("hosts", "hostnames"):
                if field in obj.get("spec", {}):
                    obj["spec"][field] = [self._host(host) for host in obj["spec"][field]]
            if obj["kind"] == "Deployment":
                obj["spec"]["replicas"] = 1
                # Nobody's users are here: pods may go as soon as they are asked to.
                obj["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 1
                for container in obj["spec"]["template"]["spec"]["containers"]:
                    container.pop("lifecycle", None)
            yield obj
            if obj["kind"] == "HTTPRoute":
                spec = {**copy.deepcopy(obj["spec"]), "hostnames": [self._host("grpc.lab")]}
                yield {**obj, "kind": "GRPCRoute", "spec": spec}
                yield openshift.route(obj, self._host("routes.lab"))


def rule(obj: kube.Obj, name: str = "primary") -> dict[str, Any]:
    """The rule of that name in a VirtualService, HTTPRoute or GRPCRoute; an OpenShift Route is one itself."""
    if obj["kind"] == "Route":
        return dict(obj["spec"])
    rules: list[dict[str, Any]] = obj["spec"]["http" if obj["kind"] == "VirtualService" else "rules"]
    return next(rule for rule in rules if rule.get("name") == name)


def entries(obj: kube.Obj, name: str = "primary") -> list[dict[str, Any]]:
    """The weighted entries of that rule."""
    if obj["kind"] == "Route":
        return [obj["spec"]["to"], *obj["spec"].get("alternateBackends", [])]
    found: list[dict[str, Any]] = rule(obj, name)["route" if obj["kind"] == "VirtualService" else "backendRefs"]
    return found


def remove_namespace(api: kube.Api, name: str) -> None:
    """Its pods at once: they have nobody to say goodbye to, and whoever opens it again would have to wait for them."""
    where = f"/api/v1/namespaces/{name}"
    kube.delete(api, where)
    with suppress(kube.ApiError):  # it may be gone already
        api.call("DELETE", f"{where}/pods", {"gracePeriodSeconds": 0})


def within(seconds: float, fact: Callable[[], Any]) -> None:
    """Wait for a fact; an error when it does not come in time."""
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, f"not within {seconds} s: {fact}"
        time.sleep(0.1)
