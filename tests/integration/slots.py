# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo app with two slots, in a namespace of its own, behind every kind of switch."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab import app, kube, load
from lab.load import ENTRANCES, Entrance
from tests.integration.playbook import Run
from tests.integration.release import MERGE, Release
from tests.integration.shop import remove_namespace, within
from tests.integration.users import Users, sending

NAME = "continual-transformer"
RATE = 200
PODS = 3
KINDS = ("service", "virtualservice", "httproute")
ARMS = {"blue": "main", "green": "green"}
_ROUTES = ("VirtualService", "HTTPRoute")


@dataclass(frozen=True)
class Slots:
    """Blue is live with three pods of `good`, green rests, and each kind of switch has a host of its own."""

    api: kube.Api
    images: Mapping[str, str]
    loader: Path
    folder: Path
    namespace: str

    def open(self) -> None:
        where = f"/api/v1/namespaces/{self.namespace}"
        within(90, lambda: "deletionTimestamp" not in (kube.find(self.api, where) or {"metadata": {}})["metadata"])
        for obj in self._objects():
            kube.replace(self.api, obj)
        for path in self._leftovers():
            kube.delete(self.api, path)
        for slot in ARMS:
            within(120, lambda slot=slot: self.at_rest(slot))  # type: ignore[misc]
        for kind in KINDS:
            within(60, lambda kind=kind: not app.not_served(kind, self.entrance(kind)))  # type: ignore[misc]

    def close(self) -> None:
        remove_namespace(self.api, self.namespace)

    def entrance(self, kind: str) -> Entrance:
        """`service`: by the gateway to the Service. `address`: to the Service's own address, without any proxy."""
        if kind == "address":
            address = self.get("v1", "Service", NAME)["spec"]["clusterIP"]
            return Entrance(f"http://{address}", NAME)
        door = ENTRANCES["httproute" if kind == "httproute" else "virtualservice"]
        return Entrance(door.url, self._host(kind))

    def switch(self, kind: str = "service") -> dict[str, Any]:
        """The option `switch`."""
        slots = {slot: {"deployment": f"{NAME}-{arm}"} for slot, arm in ARMS.items()}
        if kind == "service":
            return {"kind": kind, "name": NAME, "slots": slots}
        for slot, arm in ARMS.items():
            slots[slot]["service"] = f"{NAME}-{arm}"
        return {"kind": kind, "name": f"{NAME}-slots", "slots": slots}

    def variables(self, release: str, kind: str = "service", **changes: Any) -> dict[str, Any]:
        """Those of a quick rollout."""
        quick = {
            "slipway_namespace": self.namespace,
            "slipway_switch": self.switch(kind),
            "slipway_image": self.images[release].partition("@")[0] + f":{release}",
            "slipway_gate": {"interval": 0.25, "duration": 3},
            "slipway_timeouts": {"release": 30, "observe": 15, "drain": 15},
            "demo_source": "pods",
            "slipway_canary": "{{ undef() }}",  # the lab's inventory has one, and this app does not
        }
        return quick | changes

    def play(self, name: str, variables: Mapping[str, Any], *options: str) -> Run:
        return self._player().play(name, variables, *options)

    def roll(self, release: str, *options: str, kind: str = "service", **changes: Any) -> Run:
        return self.play("blue_green", self.variables(release, kind, **changes), *options)

    def start(self, variables: Mapping[str, Any]) -> Any:
        return self._player().start("blue_green", variables)

    def users(self, kind: str = "service", *, keepalive: bool = True) -> AbstractContextManager[Users]:
        """Requests from the first answer on until the block ends."""
        work = load.Load(self.entrance(kind), RATE, "20m", keepalive)
        return sending(work, self.loader, self.folder / f"{kind}-{keepalive}.jsonl")

    def get(self, api_version: str, kind: str, name: str) -> kube.Obj:
        return self.api.call("GET", f"{kube.collection(api_version, kind, self.namespace)}/{name}")

    def put(self, api_version: str, kind: str, name: str, patch: Mapping[str, Any]) -> None:
        self.api.call("PATCH", f"{kube.collection(api_version, kind, self.namespace)}/{name}", patch, MERGE)

    def deployment(self, slot: str) -> kube.Obj:
        return self.get("apps/v1", "Deployment", f"{NAME}-{ARMS[slot]}")

    def holds(self, slot: str) -> tuple[str, int]:
        """Its image and how many pods it is to have."""
        spec = self.deployment(slot)["spec"]
        return str(spec["template"]["spec"]["containers"][0]["image"]), int(spec["replicas"])

    def annotations(self, slot: str) -> dict[str, str]:
        found: dict[str, str] = self.deployment(slot)["metadata"].get("annotations", {})
        return found

    def live(self, kind: str = "service") -> str:
        """Read without the code under test."""
        if kind == "service":
            return str(self.get("v1", "Service", NAME)["spec"]["selector"]["slot"])
        if kind == "virtualservice":
            spec = self.get("networking.istio.io/v1", "VirtualService", f"{NAME}-slots")["spec"]
            host = spec["http"][0]["route"][0]["destination"]["host"]
        else:
            spec = self.get("gateway.networking.k8s.io/v1", "HTTPRoute", f"{NAME}-slots")["spec"]
            host = spec["rules"][0]["backendRefs"][0]["name"]
        return next(slot for slot, arm in ARMS.items() if host == f"{NAME}-{arm}")

    def hpa(self) -> kube.Obj:
        return self.get("autoscaling/v2", "HorizontalPodAutoscaler", f"{NAME}-hpa")

    def set_template(self, slot: str, change: Mapping[str, Any]) -> None:
        """Change fields of its only container."""
        template = copy.deepcopy(self.deployment(slot)["spec"]["template"])
        container = template["spec"]["containers"][0]
        for key, value in change.items():
            container.pop(key, None)
            if value is not None:
                container[key] = value
        self.put("apps/v1", "Deployment", f"{NAME}-{ARMS[slot]}", {"spec": {"template": template}})

    def scale(self, slot: str, pods: int, release: str = "") -> None:
        if release:
            self.set_template(slot, {"image": self.images[release]})
        self.put("apps/v1", "Deployment", f"{NAME}-{ARMS[slot]}", {"spec": {"replicas": pods}})
        within(120, lambda: self.at_rest(slot))

    def ledger(self, environment: str = "") -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The open entry and those that have ended, read without the code under test."""
        prefix = f"{environment}." if environment else ""
        where = f"{kube.collection('v1', 'ConfigMap', self.namespace)}/slipway-{NAME}-main"
        data = (kube.find(self.api, where) or {}).get("data") or {}
        opened, ended = (yaml.safe_load(data.get(f"{prefix}{page}.yaml", "")) for page in ("open", "history"))
        return opened or {}, ended or []

    def at_rest(self, slot: str) -> bool:
        obj = self.deployment(slot)
        status, wanted = obj.get("status", {}), obj["spec"]["replicas"]
        counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")]
        return bool(status.get("observedGeneration", 0) >= obj["metadata"]["generation"] and counts == [wanted] * 3)

    def _player(self) -> Release:
        return Release(self.api, self.images, self.loader, self.folder)

    def _host(self, kind: str) -> str:
        return f"{kind}.{self.namespace}.lab"

    def _leftovers(self) -> Iterator[str]:
        for api_version, kind in (("v1", "ConfigMap"), ("coordination.k8s.io/v1", "Lease")):
            where = kube.collection(api_version, kind, self.namespace)
            for obj in self.api.call("GET", where)["items"]:
                if obj["metadata"]["name"].startswith("slipway-"):
                    yield f"{where}/{obj['metadata']['name']}"

    def _objects(self) -> Iterator[kube.Obj]:
        for declared in app.objects(self.images):
            name = declared["metadata"]["name"]
            if declared["kind"] in _ROUTES or name.endswith(("-canary", "-shared")):
                continue
            text = json.dumps(declared).replace(f'"namespace": "{app.NAMESPACE}"', f'"namespace": "{self.namespace}"')
            obj: kube.Obj = json.loads(text)
            if obj["kind"] == "Namespace":
                obj["metadata"] = {"name": self.namespace}
            yield obj
        yield self._virtual_service(NAME, self._host("service"), NAME)
        yield self._virtual_service(f"{NAME}-slots", self._host("virtualservice"), f"{NAME}-main")
        parent = {"name": "gateway-api", "namespace": "istio-system"}
        rule = {"name": "primary", "backendRefs": [{"name": f"{NAME}-main", "port": 80}]}
        spec = {"parentRefs": [parent], "hostnames": [self._host("httproute")], "rules": [rule]}
        yield self._object("gateway.networking.k8s.io/v1", "HTTPRoute", f"{NAME}-slots", spec)
        ports = [{"name": "http", "port": 80, "targetPort": "http"}]
        preview = {"selector": {"app": NAME, "slot": "green"}, "ports": ports}
        yield self._object("v1", "Service", f"{NAME}-preview", preview)

    def _virtual_service(self, name: str, host: str, service: str) -> kube.Obj:
        rule = {"name": "primary", "route": [{"destination": {"host": service}}]}
        spec = {"hosts": [host], "gateways": ["istio-system/gateway"], "http": [rule]}
        return self._object("networking.istio.io/v1", "VirtualService", name, spec)

    def _object(self, api_version: str, kind: str, name: str, spec: Mapping[str, Any]) -> kube.Obj:
        meta = {"name": name, "namespace": self.namespace}
        return {"apiVersion": api_version, "kind": kind, "metadata": meta, "spec": dict(spec)}
