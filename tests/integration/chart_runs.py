# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chart, provisioned in a namespace of its own with the lab's images, by the playbook that users run."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import data_services, kube, lifecycle, programs
from lab.config import Config
from tests.integration.playbook import Run
from tests.integration.shop import MERGE, remove_namespace

ROOT = Path(__file__).resolve().parents[2]
NAME = "continual-transformer"
Values = dict[str, Any]


def image(reference: str) -> Values:
    repository, _at, digest = reference.partition("@")
    return {"repository": repository, "digest": digest}


@dataclass(frozen=True)
class Chart:
    """One release of the chart. Its volumes are folders of this machine: the lab has nothing that makes volumes."""

    api: kube.Api
    config: Config
    images: Mapping[str, str]
    folder: Path
    namespace: str

    @property
    def host(self) -> str:
        return f"{self.namespace}.vs.lab"

    def values(self) -> Values:
        data = data_services.ensure(self.config)
        kept = {"storageClass": "-", "size": "100Mi"}
        volumes = {name: {**kept, "volumeName": f"{self.namespace}-{name}"} for name in ("postgresql", "redis")}
        small = {"requests": {"cpu": "10m", "memory": "32Mi"}}
        return {
            "replicaCount": 2,
            "image": image(self.images["good"]),
            "resources": {"requests": {"cpu": "20m", "memory": "32Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}},
            "autoscaling": {"enabled": False},
            "livenessProbe": {"initialDelaySeconds": 1},
            "readinessProbe": {"initialDelaySeconds": 0, "periodSeconds": 1},
            "lifecycle": {"preStop": {"sleep": {"seconds": 1}}},
            "route": {"kind": "virtualservice", "hosts": [self.host], "gateways": ["istio-system/gateway"]},
            "postgresql": {
                "image": image(data["postgresql"]),
                "persistence": volumes["postgresql"],
                "resources": small,
            },
            "redis": {"image": image(data["redis"]), "persistence": volumes["redis"], "resources": small},
            "prometheus": {
                "image": image(data["prometheus"]),
                "persistence": {"enabled": False},
                "resources": small,
                "scrapeInterval": "1s",
            },
            "tests": {"image": image(data["tools"])},
        }

    def open(self) -> None:
        """Volumes for PostgreSQL and Redis."""
        for name in ("postgresql", "redis"):
            place = self._place(name)
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            os.chown(place, 999, 999)
            spec = {
                "capacity": {"storage": "100Mi"},
                "accessModes": ["ReadWriteOnce"],
                "persistentVolumeReclaimPolicy": "Retain",
                "hostPath": {"path": str(place)},
                "claimRef": {
                    "apiVersion": "v1",
                    "kind": "PersistentVolumeClaim",
                    "name": name,
                    "namespace": self.namespace,
                },
            }
            volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": f"{self.namespace}-{name}"}}
            self.api.call("POST", "/api/v1/persistentvolumes", {**volume, "spec": spec})

    def close(self) -> None:
        remove_namespace(self.api, self.namespace)
        for name in ("postgresql", "redis"):
            kube.delete(self.api, f"/api/v1/persistentvolumes/{self.namespace}-{name}")

    def provision(self, values: Values, *options: str, **settings: Any) -> Run:
        """Settings are those of the role, without their `slipway_helm_`."""
        helm = programs.ensure(self.config, [programs.HELM], lifecycle.pinned())["helm"]
        known = {f"slipway_helm_{name}": value for name, value in {"binary": str(helm), **settings}.items()}
        known |= {"slipway_helm_values": values, "slipway_namespace": self.namespace, "slipway_app": NAME}
        known |= {"slipway_cluster": {"kubeconfig": str(self.config.kubeconfig)}, "ansible_connection": "local"}
        known |= {"ansible_python_interpreter": sys.executable}
        inventory = self.folder / "hosts.json"
        inventory.write_text(json.dumps({"all": {"hosts": {"lab": known}}}))
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("ansible-playbook")),
                *("-i", str(inventory), "playbooks/provision.yml", *options),
            ],
            cwd=ROOT,
            env=os.environ | {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0"},
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        return Run(done.returncode, done.stdout + done.stderr)

    def get(self, api_version: str, kind: str, name: str = NAME) -> kube.Obj:
        return self.api.call("GET", f"{kube.collection(api_version, kind, self.namespace)}/{name}")

    def patch(self, api_version: str, kind: str, name: str, change: Mapping[str, Any]) -> None:
        path = f"{kube.collection(api_version, kind, self.namespace)}/{name}"
        self.api.call("PATCH", f"{path}?fieldManager=slipway", change, MERGE)

    def secret(self, name: str, key: str) -> str:
        return base64.b64decode(self.get("v1", "Secret", name)["data"][key]).decode()

    def owned(self) -> Values:
        """All that rollouts own."""
        deployments = {arm: self.get("apps/v1", "Deployment", f"{NAME}-{arm}") for arm in ("main", "canary", "green")}
        route = self.get("networking.istio.io/v1", "VirtualService")
        return {
            "images": {
                arm: obj["spec"]["template"]["spec"]["containers"][0]["image"] for arm, obj in deployments.items()
            },
            "replicas": {arm: obj["spec"]["replicas"] for arm, obj in deployments.items()},
            "slot": self.get("v1", "Service")["spec"]["selector"]["slot"],
            "split": [entry.get("weight", 0) for entry in route["spec"]["http"][-1]["route"]],
        }

    def _place(self, name: str) -> Path:
        return self.config.state / "volumes" / f"{self.namespace}-{name}"
