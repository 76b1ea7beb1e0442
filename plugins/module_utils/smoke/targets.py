# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is asked: pods, a Service, or an address of the user's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ..cluster import POD, SERVICE, Cluster, Kind, NotFound, Obj
from ..labels import join_labels
from ..workload.snapshot import is_ready, take
from .probe import ProbeError

ANY = "http"  # the port that is meant where nothing is said


@dataclass(frozen=True, slots=True)
class Target:
    """`host` is the address inside the cluster's network, `ports` numbers by name; `base` is a URL in place of both."""

    name: str
    kind: Kind | None = None
    namespace: str = ""
    host: str = ""
    ports: Mapping[str, int] = field(default_factory=dict)
    base: str = ""

    def port(self, wanted: str) -> int:
        """Raises OSError, as a port that is not there is no answer."""
        if wanted.isdigit():
            return int(wanted)
        if wanted in self.ports:
            return self.ports[wanted]
        if wanted == ANY and len(self.ports) == 1:
            return next(iter(self.ports.values()))
        there = ", ".join(f"{name} ({number})" for name, number in self.ports.items()) or "none"
        kind = self.kind.kind if self.kind else "target"
        raise OSError(f"{kind} {self.name} has no port named '{wanted}'; its ports are {there}")


def find_targets(cluster: Cluster, params: Mapping[str, Any]) -> list[Target]:
    """By the options `name` (a Deployment), `selector` or `service`. Raises NoDeployment, ProbeError, ClusterError."""
    namespace = params["namespace"]
    if params.get("service"):
        return [of_service(_service(cluster, namespace, params["service"]))]
    return [of_pod(pod) for pod in find_pods(cluster, params)]


def find_pods(cluster: Cluster, params: Mapping[str, Any]) -> list[Obj]:
    """The ready pods behind the same options, those of a Deployment only by its newest template."""
    namespace = params["namespace"]
    if params.get("name"):
        return [pod for pod in take(cluster, namespace, params["name"]).pods if is_ready(pod)]
    selector = params.get("selector") or ""
    if params.get("service"):
        labels = _service(cluster, namespace, params["service"])["spec"].get("selector") or {}
        if not labels:
            raise ProbeError(
                f"Service {namespace}/{params['service']} has no selector, so that no pods can be named. Give url."
            )
        selector = join_labels(labels)
    return _ready(cluster.list(POD, namespace, labels=selector))


def of_pod(pod: Obj) -> Target:
    ports = {
        str(port.get("name") or port["containerPort"]): int(port["containerPort"])
        for container in pod["spec"].get("containers") or []
        for port in container.get("ports") or []
    }
    meta = pod["metadata"]
    return Target(meta["name"], POD, meta["namespace"], pod.get("status", {}).get("podIP", ""), ports)


def of_service(service: Obj) -> Target:
    spec, meta = service["spec"], service["metadata"]
    ports = {str(port.get("name") or port["port"]): int(port["port"]) for port in spec.get("ports") or []}
    host = str(spec.get("clusterIP") or "")
    headless = host in ("", "None")
    address = f"{meta['name']}.{meta['namespace']}.svc" if headless else host
    return Target(meta["name"], SERVICE, meta["namespace"], address, ports)


def of_url(url: str) -> Target:
    """Raises ProbeError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ProbeError(f"url is '{url}'; write it with its scheme, such as https://shop.example.com.")
    return Target(parts.netloc.rpartition("@")[2], base=url.rstrip("/"))


def behind(cluster: Cluster, params: Mapping[str, Any], wanted: str) -> list[tuple[Target, int]]:
    """Each pod and its port that a connection to the target's port ends at. Raises OSError for a port it has not."""
    pods = [of_pod(pod) for pod in find_pods(cluster, params)]
    if params.get("service"):
        wanted = _target_port(_service(cluster, params["namespace"], params["service"]), wanted)
    return [(pod, pod.port(wanted)) for pod in pods]


def _target_port(service: Obj, wanted: str) -> str:
    number = of_service(service).port(wanted)
    ports = service["spec"].get("ports") or []
    return next((str(port.get("targetPort") or number) for port in ports if port["port"] == number), wanted)


def _service(cluster: Cluster, namespace: str, name: str) -> Obj:
    try:
        return cluster.get(SERVICE, namespace, name)
    except NotFound as error:
        there = ", ".join(sorted(obj["metadata"]["name"] for obj in cluster.list(SERVICE, namespace))) or "none"
        raise ProbeError(f"There is no Service '{name}' in namespace '{namespace}'. There are: {there}.") from error


def _ready(pods: Iterable[Obj]) -> list[Obj]:
    alive = (pod for pod in pods if is_ready(pod) and "deletionTimestamp" not in pod["metadata"])
    return sorted(alive, key=lambda pod: str(pod["metadata"]["name"]))
