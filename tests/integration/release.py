# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks run for real, as users run them, on a copy of the demo app in a namespace of its own."""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab import app, kube, load
from lab.load import ENTRANCES, Entrance
from tests.integration import playbook
from tests.integration.playbook import Run
from tests.integration.shop import remove_namespace, within
from tests.integration.users import Users, sending

NAME = "continual-transformer"
NAMESPACE = "slipway-release"
RATE = 100
HPA = f"/apis/autoscaling/v2/namespaces/{NAMESPACE}/horizontalpodautoscalers/{NAME}-hpa"
ROUTES = {
    "virtualservice": ("networking.istio.io/v1", "VirtualService"),
    "httproute": ("gateway.networking.k8s.io/v1", "HTTPRoute"),
}
# What a rollout could change.
WATCHED = (
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("v1", "Service"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("policy/v1", "PodDisruptionBudget"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    *ROUTES.values(),
)
QUICK = {
    "slipway_namespace": NAMESPACE,
    "slipway_stages": [10, 100],
    "slipway_gate": {"interval": 0.25, "duration": 3},
    "slipway_timeouts": {"release": 20, "promote": 60, "observe": 15},
}
MERGE = "application/merge-patch+json"


@dataclass(frozen=True)
class Release:
    """The app at rest: `good` on stable with three pods."""

    api: kube.Api
    images: Mapping[str, str]
    loader: Path
    folder: Path
    namespace: str = NAMESPACE

    def open(self) -> None:
        where = f"/api/v1/namespaces/{self.namespace}"
        within(90, lambda: "deletionTimestamp" not in (kube.find(self.api, where) or {"metadata": {}})["metadata"])
        for obj in self._objects():
            kube.replace(self.api, obj)
        leases = (f"slipway-{NAME}-main{environment}" for environment in ("", "-development"))
        for left in (self._ledger, *(self._path("coordination.k8s.io/v1", "Lease", lease) for lease in leases)):
            kube.delete(self.api, left)
        for arm in ("main", "canary"):
            within(90, lambda arm=arm: self._at_rest(arm))  # type: ignore[misc]
        for kind in ENTRANCES:
            entrance = self.entrance(kind)
            within(60, lambda kind=kind, entrance=entrance: not app.not_served(kind, entrance))  # type: ignore[misc]

    def close(self) -> None:
        remove_namespace(self.api, self.namespace)

    def entrance(self, kind: str) -> Entrance:
        return Entrance(ENTRANCES[kind].url, f"{self.namespace}.{ENTRANCES[kind].host}")

    def image(self, release: str) -> str:
        return self.images[release].partition("@")[0] + f":{release}"

    def play(self, name: str, variables: Mapping[str, Any], *options: str) -> Run:
        return playbook.play(*self._arguments(name, variables, *options), timeout=240)

    def start(self, name: str, variables: Mapping[str, Any], *options: str) -> subprocess.Popen[str]:
        """One that is not waited for."""
        return playbook.start(*self._arguments(name, variables, *options))

    @contextmanager
    def running(self, name: str, variables: Mapping[str, Any]) -> Iterator[subprocess.Popen[str]]:
        """The same; whatever is left of it at the end of the block is killed."""
        process = self.start(name, variables)
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def wanted(self, release: str, route: str = "virtualservice", **changes: Any) -> dict[str, Any]:
        """The variables of a quick canary."""
        variables = {
            **QUICK,
            "slipway_namespace": self.namespace,
            "demo_source": "pods",
            "demo_route": route,
            "slipway_image": self.image(release),
        }
        return variables | changes

    def roll(self, release: str, *options: str, route: str = "virtualservice", **changes: Any) -> Run:
        return self.play("canary", self.wanted(release, route, **changes), *options)

    def ledger(self, environment: str = "") -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The open entry and those that have ended, read without the code under test."""
        prefix = f"{environment}." if environment else ""
        data = (kube.find(self.api, self._ledger) or {}).get("data") or {}
        opened, ended = (yaml.safe_load(data.get(f"{prefix}{page}.yaml", "")) for page in ("open", "history"))
        return opened or {}, ended or []

    def users(self, kind: str = "virtualservice") -> AbstractContextManager[Users]:
        """Requests from the first answer on until the block ends."""
        work = load.Load(self.entrance(kind), RATE, "4m")
        return sending(work, self.loader, self.folder / f"{kind}.jsonl")

    def deployment(self, arm: str) -> kube.Obj:
        return self.api.call("GET", self._deployment(arm))

    def live(self, arm: str) -> str:
        return str(self.deployment(arm)["spec"]["template"]["spec"]["containers"][0]["image"])

    def pods(self, arm: str) -> int:
        return int(self.deployment(arm)["spec"]["replicas"])

    def weights(self, kind: str = "virtualservice") -> list[int]:
        spec = self.api.call("GET", self._path(*ROUTES[kind]))["spec"]
        entries = spec["http"][0]["route"] if kind == "virtualservice" else spec["rules"][0]["backendRefs"]
        return [entry.get("weight", 0) for entry in entries]

    def put(self, path: str, patch: Mapping[str, Any]) -> None:
        self.api.call("PATCH", path, patch, MERGE)

    def set_weights(self, stable: int, canary: int) -> None:
        where = self._path(*ROUTES["virtualservice"])
        spec = copy.deepcopy(self.api.call("GET", where)["spec"])
        for entry, weight in zip(spec["http"][0]["route"], (stable, canary), strict=True):
            entry["weight"] = weight
        self.put(where, {"spec": {"http": spec["http"]}})

    def scale(self, arm: str, pods: int, **template: Any) -> None:
        spec: dict[str, Any] = {"replicas": pods}
        self.put(self._deployment(arm), {"spec": spec | template})
        within(90, lambda: self._at_rest(arm))

    def give(self, arm: str, release: str, pods: int) -> None:
        obj = self.deployment(arm)
        template = copy.deepcopy(obj["spec"]["template"])
        template["spec"]["containers"][0]["image"] = self.images[release]
        self.scale(arm, pods, template=template)

    def versions(self) -> dict[str, Any]:
        """What tells a write from none, for everything that a rollout could write."""
        found: dict[str, Any] = {}
        for collection in (kube.collection(*kind, self.namespace) for kind in WATCHED):
            for obj in self.api.call("GET", collection)["items"]:
                found[f"{collection}/{obj['metadata']['name']}"] = _version(obj)
        return found

    @staticmethod
    def _arguments(name: str, variables: Mapping[str, Any], *options: str) -> list[str]:
        return [f"playbooks/{name}.yml", "-i", "inventories/lab", "-e", json.dumps(variables), *options]

    @property
    def _ledger(self) -> str:
        return self._path("v1", "ConfigMap", f"slipway-{NAME}-main")

    def _deployment(self, arm: str) -> str:
        return self._path("apps/v1", "Deployment", f"{NAME}-{arm}")

    def _path(self, api_version: str, kind: str, name: str = NAME) -> str:
        return f"{kube.collection(api_version, kind, self.namespace)}/{name}"

    def _at_rest(self, arm: str) -> bool:
        obj = self.deployment(arm)
        status, wanted = obj.get("status", {}), obj["spec"]["replicas"]
        counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")]
        return bool(status.get("observedGeneration", 0) >= obj["metadata"]["generation"] and counts == [wanted] * 3)

    def _objects(self) -> Iterator[kube.Obj]:
        for declared in app.objects(self.images):
            if declared["metadata"]["name"].endswith("-green"):
                continue
            text = json.dumps(declared).replace(f'"namespace": "{app.NAMESPACE}"', f'"namespace": "{self.namespace}"')
            obj: kube.Obj = json.loads(text)
            if obj["kind"] == "Namespace":
                obj["metadata"] = {"name": self.namespace}
            for key in ("hosts", "hostnames"):
                if key in obj.get("spec", {}):
                    obj["spec"][key] = [f"{self.namespace}.{host}" for host in obj["spec"][key]]
            yield obj


def _version(obj: kube.Obj) -> Any:
    """The resourceVersion; of objects whose controllers keep a status in them, all but that status."""
    meta = obj["metadata"]
    if "status" not in obj:
        return meta["resourceVersion"]
    kept = {key: value for key, value in meta.items() if key not in ("managedFields", "resourceVersion")}
    return {**obj, "metadata": kept, "status": None}
