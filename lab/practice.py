# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the demo app in a namespace of its own, where mistakes may be made without disturbing anybody."""

from __future__ import annotations

import copy
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from lab import app, kube, lifecycle, load
from lab.config import PROMETHEUS, Config
from lab.load import ENTRANCES, Entrance

NAMESPACE = "practice"
NAME = "continual-transformer"
RATE = 50  # requests per second
LONGEST = "15m"  # the load ends by itself, whatever happens to us
MERGE = "application/merge-patch+json"
ROUTE = kube.collection("networking.istio.io/v1", "VirtualService", NAMESPACE) + f"/{NAME}"
WATCHED = {"Deployment", "HorizontalPodAutoscaler", "VirtualService"}
# What controllers write by themselves, and what changes with every write.
_OWN = ("managedFields", "resourceVersion")


@dataclass(frozen=True, slots=True)
class Practice:
    """The app: stable, canary, their Services, HPA, disruption budget and VirtualService."""

    api: kube.Api
    images: Mapping[str, str]  # release -> image by digest

    def open(self) -> None:
        """Anew, whatever was there."""
        self.close()
        where = f"/api/v1/namespaces/{NAMESPACE}"
        app.Waiting().until(lambda: f"namespace {NAMESPACE} is still there" if kube.find(self.api, where) else "")
        for obj in self.objects():
            kube.apply(self.api, obj)
        self.rest()

    def close(self) -> None:
        kube.delete(self.api, f"/api/v1/namespaces/{NAMESPACE}")

    def objects(self) -> Iterator[kube.Obj]:
        """The namespace comes first, as in the app's own manifests."""
        for declared in app.objects(self.images):
            if (
                declared["metadata"]["name"].rpartition("-")[2] in ("green", "shared")
                or declared["kind"] == "HTTPRoute"
            ):
                continue
            obj = copy.deepcopy(declared)
            if obj["kind"] == "Namespace":
                obj["metadata"] = {"name": NAMESPACE}
            else:
                obj["metadata"]["namespace"] = NAMESPACE
            if obj["kind"] == "VirtualService":
                obj["spec"]["hosts"] = [self.entrance().host]
            yield obj

    @contextmanager
    def users(self, config: Config) -> Iterator[None]:
        """From the moment that metrics show them: an app without any is refused, for nothing can be judged."""
        program = lifecycle.build(config, only=("load",))["load"]
        sender = load.start(load.Load(self.entrance(), RATE, LONGEST), program, os.devnull)
        try:
            app.Waiting().until(_not_seen)
            yield
        finally:
            sender.terminate()
            sender.wait(timeout=30)

    def declared(self, kind: str, name: str) -> kube.Obj:
        return next(obj for obj in self.objects() if (obj["kind"], obj["metadata"]["name"]) == (kind, name))

    def entrance(self) -> Entrance:
        usual = ENTRANCES["virtualservice"]
        return Entrance(usual.url, f"{NAMESPACE}.{usual.host}")

    def change(self, where: str, patch: Mapping[str, Any]) -> None:
        """As kubectl would."""
        self.api.call("PATCH", f"{where}?fieldManager=kubectl", patch, MERGE)

    def release(self, where: str, release: str, replicas: int) -> None:
        template = self.api.call("GET", where)["spec"]["template"]
        template["spec"]["containers"][0]["image"] = self.images[release]
        self.change(where, {"spec": {"replicas": replicas, "template": template}})

    def weigh(self, stable: int, canary: int) -> None:
        http = copy.deepcopy(self.api.call("GET", ROUTE)["spec"]["http"])
        for entry, weight in zip(http[0]["route"], (stable, canary), strict=True):
            entry["weight"] = weight
        self.change(ROUTE, {"spec": {"http": http}})

    def canary_weight(self) -> int:
        return int(self.api.call("GET", ROUTE)["spec"]["http"][0]["route"][1].get("weight", 0))

    def rest(self) -> None:
        """Until both Deployments have what they want and their controller has nothing left to write."""
        for arm in ("main", "canary"):
            app.Waiting().until(lambda arm=arm: self._moving(arm))  # type: ignore[misc]

    def _moving(self, arm: str) -> str:
        live = self.api.call("GET", deployment(arm))
        status, wanted = live.get("status", {}), live["spec"]["replicas"]
        seen = status.get("observedGeneration", 0) >= live["metadata"]["generation"]
        counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")]
        return "" if seen and counts == [wanted] * 3 else f"Deployment {NAME}-{arm} is not at rest"

    def state(self) -> dict[str, kube.Obj]:
        """What a rollout writes, by path."""
        watched = (kube.path(obj) for obj in self.objects() if obj["kind"] in WATCHED)
        return {where: self.api.call("GET", where) for where in watched}


def _not_seen() -> str:
    """Why metrics do not show this app's users; empty when they do."""
    question = urlencode({"query": f'count(http_requests_total{{namespace="{NAMESPACE}"}})'})
    try:
        with urlopen(f"{PROMETHEUS}/api/v1/query?{question}", timeout=3.0) as answer:
            found = json.load(answer)["data"]["result"]
    except (OSError, ValueError) as error:
        return f"Prometheus does not answer ({error})"
    return "" if found else "Prometheus has seen no user of the app"


def deployment(arm: str) -> str:
    return f"{kube.collection('apps/v1', 'Deployment', NAMESPACE)}/{NAME}-{arm}"


def written(before: Mapping[str, kube.Obj], after: Mapping[str, kube.Obj]) -> list[str]:
    """Objects that somebody has written since. A new status alone is a controller's work and does not count."""
    return [where for where, obj in before.items() if _differs(obj, after[where])]


def _differs(one: kube.Obj, other: kube.Obj) -> bool:
    if one["metadata"]["resourceVersion"] == other["metadata"]["resourceVersion"]:
        return False
    return _without_status(one) != _without_status(other) or one.get("status") == other.get("status")


def _without_status(obj: kube.Obj) -> kube.Obj:
    meta = {key: value for key, value in obj["metadata"].items() if key not in _OWN}
    return {**obj, "metadata": meta, "status": None}


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """A new user's: no cluster of one's own, no colour, this environment's programs first."""
    kept = {name: value for name, value in given.items() if name != "KUBECONFIG" and not name.startswith("K8S_AUTH_")}
    beside = os.pathsep.join((str(Path(sys.executable).parent), given.get("PATH", "")))
    return kept | {"PATH": beside, "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml", "ANSIBLE_NOCOLOR": "1"}
