# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why the cluster is not ready yet: each function says the reason, and nothing when there is none.

Status in the API is not enough: after a power cut it is still that of before, until its writers are back. So what can
be asked for an answer is asked.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any

from lab import kube
from lab.config import API_SERVICE, DNS_SERVICE, ENVOY_ADMIN, NODE, LabError
from lab.unit import http_ok

KINDS = ("networking.istio.io/v1/virtualservices", "gateway.networking.k8s.io/v1/httproutes")
NAMESPACES = ("kube-system", "istio-system", "production")  # where the lab's own pods are
BRIEF = 0.5  # seconds; everything asked here is on this machine


def until(reason: Callable[[], str], seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until `reason` is empty."""
    deadline = time.monotonic() + seconds
    while why := reason():
        if time.monotonic() > deadline:
            raise LabError(f"After {seconds:.0f} s {why}. 'python -m lab status' shows the parts and their logs.")
        sleep(0.1)


def namespace_missing(api: kube.Api) -> str:
    """The API server answers before it has made its own namespaces."""
    return "" if kube.find(api, "/api/v1/namespaces/kube-system") else "there is no namespace kube-system yet"


def kinds_missing(api: kube.Api) -> str:
    for path in KINDS:
        try:
            api.call("GET", f"/apis/{path}?limit=1")
        except kube.ApiError as error:
            return str(error)
    return ""


def node_not_ready(api: kube.Api) -> str:
    node = kube.find(api, f"/api/v1/nodes/{NODE}")
    if node is None:
        return "the node has not registered yet"
    ready = next((c for c in node["status"].get("conditions", []) if c["type"] == "Ready"), None)
    if ready is None or ready["status"] != "True":
        return f"the node is not Ready: {ready['message'] if ready else 'no condition yet'}"
    return ""


def gateway_not_ready(api: kube.Api) -> str:
    if not http_ok(f"{ENVOY_ADMIN}/ready", BRIEF):
        return f"the gateway does not answer at {ENVOY_ADMIN}/ready"
    return _unavailable(api, "istio-system", "gateway")


def dns_not_ready(api: kube.Api) -> str:
    """Asked as a pod would ask: through the Service, for a Service."""
    answer = _resolve("kubernetes.default.svc.cluster.local")
    if socket.inet_aton(API_SERVICE) not in answer[12:]:
        return f"the cluster's DNS at {DNS_SERVICE} does not answer"
    return _unavailable(api, "kube-system", "coredns")


def _unavailable(api: kube.Api, namespace: str, name: str) -> str:
    live = kube.find(api, f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
    available = live and live.get("status", {}).get("availableReplicas", 0)
    return "" if available else f"Deployment {namespace}/{name} is not available"


def _resolve(name: str) -> bytes:
    """The whole answer to a query for an address; empty when none came."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    query = struct.pack(">6H", 1, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.settimeout(BRIEF)
        try:
            asked.sendto(query, (DNS_SERVICE, 53))
            return asked.recv(512)
        except OSError:
            return b""


def pods_silent(api: kube.Api) -> str:
    """Pods that the API calls ready, but whose port is closed: their status is from before."""
    pods = [pod for name in NAMESPACES for pod in api.call("GET", f"/api/v1/namespaces/{name}/pods")["items"]]
    for pod in pods:
        for address, port in _promises(pod):
            try:
                socket.create_connection((address, port), BRIEF).close()
            except OSError as error:
                meta = pod["metadata"]
                return f"pod {meta['namespace']}/{meta['name']} does not answer at {address}:{port}: {error}"
    return ""


def _promises(pod: dict[str, Any]) -> Iterator[tuple[str, int]]:
    conditions = {c["type"]: c["status"] for c in pod["status"].get("conditions", [])}
    if conditions.get("Ready") != "True" or pod["metadata"].get("deletionTimestamp"):
        return
    for container in pod["spec"]["containers"]:
        for port in container.get("ports", []):
            if port.get("protocol", "TCP") == "TCP":
                yield pod["status"]["podIP"], port["containerPort"]


def metrics_not_served(api: kube.Api) -> str:
    try:
        items = api.call("GET", "/apis/metrics.k8s.io/v1beta1/pods").get("items", [])
    except kube.ApiError as error:
        return str(error)
    return "" if items else "the metrics API has no pods yet"
