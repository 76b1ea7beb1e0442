# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo app as a Deployment, a StatefulSet or a DaemonSet, with a Service and a route of its own, to roll out on."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
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

NAMESPACE = "rolling-app"
CORE = f"/api/v1/namespaces/{NAMESPACE}"
RATE = 200
KINDS = ("Deployment", "StatefulSet", "DaemonSet")
PLURALS = {"Deployment": "deployments", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets"}
STRATEGIC = "application/strategic-merge-patch+json"
MERGE = "application/merge-patch+json"
_TEMPLATE_HOST = "vs.lab"


@dataclass(frozen=True)
class Rolling:
    """One workload: `good`, three pods, of a DaemonSet one for the lab's one node."""

    api: kube.Api
    images: Mapping[str, str]
    loader: Path
    folder: Path
    kind: str
    namespace: str = NAMESPACE

    @property
    def name(self) -> str:
        return f"shop-{self.kind.lower()}"

    @property
    def path(self) -> str:
        return f"/apis/apps/v1/namespaces/{self.namespace}/{PLURALS[self.kind]}/{self.name}"

    @property
    def core(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}"

    @property
    def entrance(self) -> Entrance:
        return Entrance(ENTRANCES["virtualservice"].url, f"{self.name}.{self.namespace}.{_TEMPLATE_HOST}")

    def open(self) -> None:
        """As it was declared, whatever the test before has left."""
        within(90, lambda: "deletionTimestamp" not in (kube.find(self.api, self.core) or {"metadata": {}})["metadata"])
        kube.delete(self.api, f"{self.core}/configmaps/slipway-{self.name}")
        for lease in self.api.call("GET", self._leases())["items"]:
            if lease["metadata"]["name"].startswith(f"slipway-{self.name}"):
                kube.delete(self.api, f"{self._leases()}/{lease['metadata']['name']}")
        for obj in self._objects():
            kube.replace(self.api, obj)
        self._free_broken()
        within(120, self.at_rest)
        within(60, lambda: not app.not_served("virtualservice", self.entrance))

    def close(self) -> None:
        remove_namespace(self.api, self.namespace)

    def image(self, release: str) -> str:
        return self.images[release].partition("@")[0] + f":{release}"

    def wanted(self, release: str, **changes: Any) -> dict[str, Any]:
        """The variables of a quick rolling update."""
        return {
            "slipway_namespace": self.namespace,
            "slipway_kind": self.kind,
            "slipway_stable": self.name,
            "slipway_service": self.name,
            "slipway_image": self.image(release),
            "slipway_source": {"type": "pods", "via": "direct"},
            "slipway_gate": {"interval": 0.25, "duration": 3},
            "slipway_checks": [{"name": "errors", "template": "error_rate", "max": 0.01}],
            "slipway_smoke_tests": [{"path": "/health/all"}],
            "slipway_min_ready_seconds": 4,
            **changes,
        }

    def start(self, name: str, variables: Mapping[str, Any], *options: str) -> subprocess.Popen[str]:
        return playbook.start(*self._arguments(name, variables, *options))

    def play(self, name: str, variables: Mapping[str, Any], *options: str) -> Run:
        return playbook.play(*self._arguments(name, variables, *options), timeout=240)

    def roll(self, release: str, *options: str, **changes: Any) -> Run:
        return self.play("rolling", self.wanted(release, **changes), *options)

    def users(self, *, keepalive: bool = True) -> AbstractContextManager[Users]:
        """Requests from the first answer on until the block ends."""
        work = load.Load(self.entrance, RATE, "3m", keepalive=keepalive)
        return sending(work, self.loader, self.folder / f"{self.name}.jsonl")

    @staticmethod
    def _arguments(name: str, variables: Mapping[str, Any], *options: str) -> list[str]:
        return [f"playbooks/{name}.yml", "-i", "inventories/lab", "-e", json.dumps(variables), *options]

    def get(self) -> kube.Obj:
        return self.api.call("GET", self.path)

    def template(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get()["spec"]["template"]
        return found

    def live(self) -> str:
        return str(self.template()["spec"]["containers"][0]["image"])

    def put(self, patch: Mapping[str, Any], kind: str = MERGE) -> None:
        self.api.call("PATCH", self.path, patch, kind)

    def pods(self) -> list[kube.Obj]:
        items = self.api.call("GET", f"{self.core}/pods?labelSelector=app%3D{self.name}")["items"]
        return [pod for pod in items if "deletionTimestamp" not in pod["metadata"]]

    def revisions(self) -> set[str]:
        label = "pod-template-hash" if self.kind == "Deployment" else "controller-revision-hash"
        return {pod["metadata"]["labels"][label] for pod in self.pods()}

    def ledger(self, environment: str = "") -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The open entry and those that have ended, read without the code under test."""
        prefix = f"{environment}." if environment else ""
        data = (kube.find(self.api, f"{self.core}/configmaps/slipway-{self.name}") or {}).get("data") or {}
        opened, ended = (yaml.safe_load(data.get(f"{prefix}{page}.yaml", "")) for page in ("open", "history"))
        return opened or {}, ended or []

    def at_rest(self) -> bool:
        obj, pods = self.get(), self.pods()
        status, meta = obj.get("status", {}), obj["metadata"]
        wanted = 1 if self.kind == "DaemonSet" else 3
        image = obj["spec"]["template"]["spec"]["containers"][0]["image"]
        ready = [pod for pod in pods if _ready(pod) and pod["spec"]["containers"][0]["image"] == image]
        seen = status.get("observedGeneration", 0) >= meta["generation"]
        return bool(seen and len(pods) == len(ready) == wanted and len(self.revisions()) == 1)

    def _free_broken(self) -> None:
        """A StatefulSet waits for a pod that a test has left broken."""
        for pod in self.pods():
            if self.kind == "StatefulSet" and not _ready(pod):
                kube.delete(self.api, f"{self.core}/pods/{pod['metadata']['name']}")

    def _leases(self) -> str:
        return f"/apis/coordination.k8s.io/v1/namespaces/{self.namespace}/leases"

    def _objects(self) -> Iterator[kube.Obj]:
        declared = {(obj["kind"], obj["metadata"]["name"]): obj for obj in app.objects(self.images)}
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}
        for key in (("ServiceAccount", "continual-transformer"), ("ConfigMap", "continual-transformer-config")):
            yield self._moved(declared[key], declared[key]["metadata"]["name"])
        yield self._workload(declared["Deployment", "continual-transformer-main"])
        service = self._moved(declared["Service", "continual-transformer-main"], self.name)
        service["spec"]["selector"] = {"app": self.name}
        yield service
        route = self._moved(declared["VirtualService", "continual-transformer-shared"], self.name)
        route["spec"]["hosts"] = [self.entrance.host]
        route["spec"]["http"][0]["route"] = [{"destination": {"host": self.name}}]
        yield route

    def _workload(self, declared: kube.Obj) -> kube.Obj:
        obj = self._moved(declared, self.name)
        obj["kind"] = self.kind
        spec, labels = obj["spec"], {"app": self.name}
        spec["selector"] = {"matchLabels": labels}
        spec["template"]["metadata"]["labels"] = {**labels, "version": "main"}
        strategy, deadline = spec.pop("strategy"), spec.pop("progressDeadlineSeconds")
        if self.kind == "Deployment":
            spec |= {"strategy": strategy, "progressDeadlineSeconds": deadline}
        else:
            spec["updateStrategy"] = {"type": "RollingUpdate"}
        if self.kind == "StatefulSet":
            spec["serviceName"] = self.name
        if self.kind == "DaemonSet":
            spec.pop("replicas")
        return obj

    def _moved(self, declared: kube.Obj, name: str) -> kube.Obj:
        obj = copy.deepcopy(declared)
        obj["metadata"] = {"name": name, "namespace": self.namespace, "labels": obj["metadata"].get("labels", {})}
        return obj


def _ready(pod: kube.Obj) -> bool:
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", []))


def told(said: str, pattern: str) -> str:
    """The first group of the first match in what a playbook has printed, "" where there is none."""
    found = re.search(pattern, said)
    return found[1] if found else ""
