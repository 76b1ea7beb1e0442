# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Four environments of the demo app, each a namespace, with an inventory each as users write them."""

from __future__ import annotations

import copy
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import yaml

from lab import app, kube, load
from lab.load import ENTRANCES, Entrance
from tests.integration import playbook
from tests.integration.playbook import Run
from tests.integration.shop import NAME, within
from tests.integration.users import Users, sending

ENVIRONMENTS = ("development", "testing", "staging", "production")
PODS = {"development": 1, "testing": 1, "staging": 2, "production": 3}
RATE = 50
PASSWORD = "hunter2-of-the-tests"
API_KEY = "api-key-of-the-tests"
ORIGINS = "https://shop.example.com"
# The database is asked by /health/all only where the service knows its kind, which is not what is tested here.
DATABASE = f"mysql://shop:{PASSWORD}@database.example.com/shop"
COMMON = "api:\n  port: 8000\nmodel:\n  batch_size: 32\n"
_LEFT_OUT = ("HorizontalPodAutoscaler", "HTTPRoute", "PodDisruptionBudget")


def namespace(environment: str) -> str:
    return f"environments-{environment}"


@dataclass(frozen=True)
class Environments:
    """`folder` holds what a team's repository would: inventories and the common configuration."""

    api: kube.Api
    images: Mapping[str, str]
    kubeconfig: Path
    folder: Path
    loader: Path

    def open(self) -> None:
        for environment in ENVIRONMENTS:
            self._write_inventory(environment)
            where = f"/api/v1/namespaces/{namespace(environment)}"
            within(90, lambda where=where: "deletionTimestamp" not in self._meta(where))  # type: ignore[misc]
            self._forget(environment)
            for obj in self._objects(environment):
                kube.replace(self.api, obj)
        self.write_common(COMMON)
        for environment in ENVIRONMENTS:
            within(120, lambda environment=environment: self._at_rest(environment))  # type: ignore[misc]

    def close(self) -> None:
        for environment in ENVIRONMENTS:
            kube.delete(self.api, f"/api/v1/namespaces/{namespace(environment)}")

    def write_common(self, text: str) -> None:
        (self.folder / "common.yml").write_text(text)

    def play(self, name: str, variables: Mapping[str, Any], *options: str) -> Run:
        """With all four inventories, as somebody who promotes has them."""
        inventories = [part for one in ENVIRONMENTS for part in ("-i", str(self.folder / one))]
        done = playbook.play(
            *(f"playbooks/{name}.yml", *inventories, "-e", json.dumps(variables), *options),
            environment={"ANSIBLE_LOCALHOST_WARNING": "false", "ALLOWED_ORIGINS": ORIGINS},
            timeout=480,
        )
        with (self.folder / "runs.log").open("a") as log:  # for whoever looks into a failure
            log.write(f"$ {name} {json.dumps(variables)}\n{done.said}")
        return done

    def release(self, environment: str, release: str, *options: str, **changes: Any) -> Run:
        """By a rolling update, as the policies of the first environments say."""
        image = self.images[release].partition("@")[0] + f":{release}"
        return self.play("rolling", {"slipway_image": image, "slipway_hosts": environment, **changes}, *options)

    def promote(self, origin: str, target: str, *options: str, **changes: Any) -> Run:
        return self.play("promote", {"slipway_from": origin, "slipway_to": target, **changes}, *options)

    def users(self, environment: str) -> AbstractContextManager[Users]:
        """Requests while a block runs; the results are there afterwards."""
        work = load.Load(self.entrance(environment), RATE, "5m")
        return sending(work, self.loader, self.folder / f"users-{environment}.jsonl")

    def deployment(self, environment: str, arm: str = "main") -> kube.Obj:
        return self.api.call("GET", self._path(environment, arm))

    def live(self, environment: str) -> str:
        return str(self._container(environment)["image"])

    def config(self, environment: str) -> str:
        """The name of the configuration that the app's template refers to, "" for none."""
        volumes = self.deployment(environment)["spec"]["template"]["spec"].get("volumes", [])
        found = [one for one in volumes if one["name"] == "slipway-config"]
        return str(found[0].get("configMap", {}).get("name", "")) if found else ""

    def variables(self, environment: str) -> dict[str, Any]:
        return {one["name"]: one for one in self._container(environment).get("env", [])}

    def objects(self, environment: str, plural: str) -> list[kube.Obj]:
        found: list[kube.Obj] = self.api.call("GET", f"/api/v1/namespaces/{namespace(environment)}/{plural}")["items"]
        return [one for one in found if one["metadata"]["name"].startswith((NAME, "slipway-"))]

    def ledger(self, environment: str) -> list[dict[str, Any]]:
        path = f"/api/v1/namespaces/{namespace(environment)}/configmaps/slipway-{NAME}"
        data = (kube.find(self.api, path) or {}).get("data", {})
        return list(yaml.safe_load(data.get(f"{environment}.history.yaml", "")) or [])

    def health(self, environment: str) -> dict[str, Any]:
        """What the app itself says, asked as users ask."""
        entrance = self.entrance(environment)
        request = Request(f"{entrance.url}/health/all", headers={"Host": entrance.host})
        with urlopen(request, timeout=5) as answer:
            told: dict[str, Any] = json.loads(answer.read())
        return told

    def entrance(self, environment: str) -> Entrance:
        there = ENTRANCES["virtualservice"]
        return Entrance(there.url, f"{namespace(environment)}.{there.host}")

    def put(self, environment: str, patch: Mapping[str, Any]) -> None:
        self.api.call("PATCH", self._path(environment, "main"), patch, "application/strategic-merge-patch+json")

    def _container(self, environment: str) -> dict[str, Any]:
        container: dict[str, Any] = self.deployment(environment)["spec"]["template"]["spec"]["containers"][0]
        return container

    def _path(self, environment: str, arm: str) -> str:
        return f"/apis/apps/v1/namespaces/{namespace(environment)}/deployments/{NAME}-{arm}"

    def _forget(self, environment: str) -> None:
        """What a run that was cut off has left."""
        where = namespace(environment)
        kube.delete(self.api, f"/api/v1/namespaces/{where}/configmaps/slipway-{NAME}")
        leases = kube.collection("coordination.k8s.io/v1", "Lease", where)
        kube.delete(self.api, f"{leases}/slipway-{NAME}-{environment}")

    def _meta(self, path: str) -> dict[str, Any]:
        return dict((kube.find(self.api, path) or {"metadata": {}})["metadata"])

    def _at_rest(self, environment: str) -> bool:
        status = self.deployment(environment).get("status", {})
        return bool(status.get("availableReplicas", 0) == status.get("replicas", 0) == PODS[environment])

    def _objects(self, environment: str) -> Iterator[kube.Obj]:
        where = namespace(environment)
        for declared in app.objects(self.images):
            name = declared["metadata"]["name"]
            if declared["kind"] in _LEFT_OUT or name.endswith(("-green", "-shared")):
                continue
            obj = copy.deepcopy(declared)
            obj["metadata"]["namespace"] = where
            if obj["kind"] == "Namespace":
                obj["metadata"] = {"name": where}
            if obj["kind"] == "VirtualService":
                obj["spec"]["hosts"] = [f"{where}.{host}" for host in obj["spec"]["hosts"]]
            if obj["kind"] == "Deployment":
                obj["spec"]["replicas"] = PODS[environment] if name.endswith("-main") else 0
                obj["spec"]["revisionHistoryLimit"] = 1
            yield obj
            if obj["kind"] == "Namespace":
                data = {"url": b64encode(DATABASE.encode()).decode()}
                meta = {"name": "shop-database", "namespace": where}
                yield {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": data}

    def _write_inventory(self, environment: str) -> None:
        host = f"{NAME}@{environment}"
        (self.folder / environment).mkdir(exist_ok=True)
        variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "slipway_environment": environment,
            "slipway_cluster": {"kubeconfig": str(self.kubeconfig)},
            "slipway_namespace": namespace(environment),
            "slipway_app": NAME,
            "slipway_stable": f"{NAME}-main",
            "slipway_canary": f"{NAME}-canary",
            "slipway_route": {
                "kind": "virtualservice",
                "name": NAME,
                "backends": {"stable": {"service": f"{NAME}-main"}, "canary": {"service": f"{NAME}-canary"}},
            },
            "slipway_source": {"type": "pods", "via": "direct"},
            "slipway_checks": [],
            # Nobody's users are here, and nobody wants to wait.
            "slipway_strategy": "rolling",
            "slipway_policy": {"at_least": {"checks": 0, "stages": 1, "duration": 1}},
            "slipway_timeouts": {"release": 60, "promote": 120, "rolling": 120},
            "slipway_config": {
                "common": str(self.folder / "common.yml"),
                "names": [
                    {"name": "DATABASE_URL", "secret": "shop-database", "key": "url"},
                    {"name": "ALLOWED_ORIGINS", "variable": "ALLOWED_ORIGINS"},
                    {"name": "API_KEY", "value": API_KEY},
                ],
            },
        }
        if environment == "production":
            variables |= {
                "slipway_strategy": "canary",
                "slipway_stages": [50, 100],
                "slipway_gate": {"interval": 0.25, "duration": 10},
                "slipway_checks": [{"name": "errors", "template": "error_rate", "metrics": "app", "max": 0.01}],
            }
        groups = {environment: {"hosts": {host: {}}, "vars": variables}}
        (self.folder / environment / "hosts.yml").write_text(yaml.safe_dump(groups, sort_keys=False))
