# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One thin client for the Kubernetes API.

Authentication and its options are those of kubernetes.core. Below that this is plain REST on kinds that are known
beforehand: no discovery, no hidden retries. A write that was refused, one that never left and one whose answer was
lost are three different errors, because what a rollout may do next differs between them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlencode

Obj = dict[str, Any]

FIELD_MANAGER = "slipway"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object and where the API serves it."""

    group: str
    version: str
    plural: str
    kind: str

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str | None, name: str | None = None, subresource: str | None = None) -> str:
        parts = ["apis", self.group, self.version] if self.group else ["api", self.version]
        if namespace:
            parts += ["namespaces", namespace]
        parts.append(self.plural)
        parts += [part for part in (name, subresource) if part]
        return "/" + "/".join(quote(part, safe=":") for part in parts)


POD = Kind("", "v1", "pods", "Pod")
SERVICE = Kind("", "v1", "services", "Service")
EVENT = Kind("", "v1", "events", "Event")
SECRET = Kind("", "v1", "secrets", "Secret")
CONFIG_MAP = Kind("", "v1", "configmaps", "ConfigMap")
NAMESPACE = Kind("", "v1", "namespaces", "Namespace")
SERVICE_ACCOUNT = Kind("", "v1", "serviceaccounts", "ServiceAccount")
DEPLOYMENT = Kind("apps", "v1", "deployments", "Deployment")
REPLICA_SET = Kind("apps", "v1", "replicasets", "ReplicaSet")
STATEFUL_SET = Kind("apps", "v1", "statefulsets", "StatefulSet")
DAEMON_SET = Kind("apps", "v1", "daemonsets", "DaemonSet")
HPA = Kind("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler")
PDB = Kind("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget")
LEASE = Kind("coordination.k8s.io", "v1", "leases", "Lease")
ENDPOINT_SLICE = Kind("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice")
ACCESS_REVIEW = Kind("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview")
VIRTUAL_SERVICE = Kind("networking.istio.io", "v1", "virtualservices", "VirtualService")
DESTINATION_RULE = Kind("networking.istio.io", "v1", "destinationrules", "DestinationRule")
HTTP_ROUTE = Kind("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute")
GRPC_ROUTE = Kind("gateway.networking.k8s.io", "v1", "grpcroutes", "GRPCRoute")
OPENSHIFT_ROUTE = Kind("route.openshift.io", "v1", "routes", "Route")


class ClusterError(Exception):
    """Something about the cluster that a person should read; the text is one or two full sentences."""


class ApiError(ClusterError):
    """The API server answered with an error; `status` is the HTTP code and `reason` the API's word for it."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class NotFound(ApiError):
    """404: no such object, or no such kind in this cluster."""


class Conflict(ApiError):
    """409: somebody wrote the object since it was read, or it exists already. Nothing was written."""


class Forbidden(ApiError):
    """401 or 403: these credentials may not do this. Nothing was written."""


class ServerError(ApiError):
    """5xx: the server failed while it worked on the request. Whether a write took effect is not known."""


class Unreachable(ClusterError):
    """No connection to the API server: the request never arrived, so nothing was written."""


class Unanswered(ClusterError):
    """The request was sent and no whole answer came back. Whether a write took effect is not known."""


_BY_STATUS: Mapping[int, type[ApiError]] = {401: Forbidden, 403: Forbidden, 404: NotFound, 409: Conflict}


class Transport(Protocol):
    """HTTP with credentials. Raises Unreachable or Unanswered; an HTTP error status is returned, not raised."""

    def request(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], timeout: float
    ) -> tuple[int, bytes]: ...

    def stream(self, path: str, timeout: float) -> Iterator[bytes]: ...


class Fence(Protocol):
    """Stands before each write."""

    def hold(self) -> None:
        """Comes back only while this run may write; raises ClusterError otherwise."""


@dataclass(frozen=True, slots=True)
class Event:
    """One change seen by a watch: ADDED, MODIFIED, DELETED or BOOKMARK, and the object after it."""

    type: str
    object: Obj


class Cluster:
    """Typed calls over a Transport. Every timeout is in seconds; every error is a ClusterError."""

    def __init__(self, transport: Transport, *, timeout: float = 10.0, fence: Fence | None = None) -> None:
        self._transport = transport
        self._timeout = timeout
        self._fence = fence

    def get(self, kind: Kind, namespace: str | None, name: str) -> Obj:
        return self._json("GET", kind.path(namespace, name))

    def find(self, kind: Kind, namespace: str | None, name: str) -> Obj | None:
        """The object, or None where there is none by that name."""
        try:
            return self.get(kind, namespace, name)
        except NotFound:
            return None

    def list(self, kind: Kind, namespace: str | None, *, labels: str = "", fields: str = "") -> list[Obj]:
        """All objects that match the label and field selectors (API syntax, "" matches all)."""
        answer = self._json("GET", kind.path(namespace), query=_selectors(labels, fields))
        return [{"apiVersion": kind.api_version, "kind": kind.kind, **item} for item in answer.get("items") or []]

    def create(self, kind: Kind, namespace: str | None, body: Obj, *, dry_run: bool = False) -> Obj:
        self._hold(dry_run)
        return self._json("POST", kind.path(namespace), body=body, query=_write_options(dry_run))

    def patch(
        self,
        kind: Kind,
        namespace: str | None,
        name: str,
        patch: Obj | Sequence[Obj],
        *,
        content_type: str = MERGE_PATCH,
        dry_run: bool = False,
        subresource: str | None = None,
    ) -> Obj:
        """Patch once. A patch that sets metadata.resourceVersion is a compare-and-swap: Conflict when it is stale."""
        self._hold(dry_run)
        path = kind.path(namespace, name, subresource)
        return self._json("PATCH", path, body=patch, content_type=content_type, query=_write_options(dry_run))

    def delete(self, kind: Kind, namespace: str | None, name: str, *, dry_run: bool = False) -> None:
        self._hold(dry_run)
        self._json("DELETE", kind.path(namespace, name), query={"dryRun": "All"} if dry_run else {})

    def raw(self, path: str, *, timeout: float | None = None) -> bytes:
        """GET a path as it is and return the body (the way to logs and to pods through the API server's proxy)."""
        status, body = self._transport.request("GET", path, None, {}, timeout or self._timeout)
        _raise_for(status, body, "GET", path)
        return body

    def pod_metrics(self, namespace: str, pod: str, port: int, path: str, *, timeout: float | None = None) -> str:
        """GET a path of one pod through the API server's proxy; needs `get` on pods/proxy."""
        where = f"{POD.path(namespace, f'{pod}:{port}', 'proxy')}/{path.lstrip('/')}"
        return self.raw(where, timeout=timeout).decode("utf-8", "replace")

    def ask(
        self,
        kind: Kind,
        namespace: str,
        target: str,
        path: str,
        *,
        timeout: float,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Any request to a pod or a Service (`name:port`) through the proxy: its own status, and its body."""
        where = f"{kind.path(namespace, target, 'proxy')}/{path.lstrip('/')}"
        return self._transport.request(method, where, body, dict(headers or {}), timeout)

    def watch(
        self,
        kind: Kind,
        namespace: str | None,
        *,
        labels: str = "",
        fields: str = "",
        resource_version: str = "0",
        timeout: float,
    ) -> Iterator[Event]:
        """Changes as they come, for at most `timeout` seconds. Ends when time is up or the server closes the stream.

        From version "0" the server first tells what its cache holds, at once; from "" it would ask etcd first, which
        older versions of etcd take seconds to answer.

        Raises ApiError(410, "Expired", ...) when the resourceVersion is too old: list again and watch from there.
        """
        query = _selectors(labels, fields)
        query |= {"watch": "true", "timeoutSeconds": str(max(1, round(timeout))), "resourceVersion": resource_version}
        path = f"{kind.path(namespace)}?{urlencode(query)}"
        for line in self._transport.stream(path, timeout):
            event = json.loads(line)
            if event["type"] == "ERROR":
                status = event["object"]
                raise ApiError(status.get("code", 0), status.get("reason", ""), status.get("message", "watch failed"))
            yield Event(event["type"], event["object"])

    def may(self, verb: str, kind: Kind, namespace: str, *, name: str = "", subresource: str = "") -> bool:
        """Whether these credentials may do this (SelfSubjectAccessReview)."""
        attributes = {"verb": verb, "group": kind.group, "resource": kind.plural, "namespace": namespace}
        attributes |= {key: value for key, value in (("name", name), ("subresource", subresource)) if value}
        body = {
            "apiVersion": ACCESS_REVIEW.api_version,
            "kind": ACCESS_REVIEW.kind,
            "spec": {"resourceAttributes": attributes},
        }
        answer = self._json("POST", ACCESS_REVIEW.path(None), body=body)
        return bool(answer.get("status", {}).get("allowed"))

    def _hold(self, dry_run: bool) -> None:
        if self._fence is not None and not dry_run:
            self._fence.hold()

    def _json(
        self,
        method: str,
        path: str,
        *,
        body: Obj | Sequence[Obj] | None = None,
        content_type: str = "application/json",
        query: Mapping[str, str] | None = None,
    ) -> Obj:
        target = f"{path}?{urlencode(query)}" if query else path
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = content_type
        raw = json.dumps(body).encode() if body is not None else None
        status, answer = self._transport.request(method, target, raw, headers, self._timeout)
        _raise_for(status, answer, method, path)
        try:
            decoded = json.loads(answer)
        except ValueError as error:
            raise Unanswered(f"{method} {path}: the answer is not JSON ({answer[:80]!r}).") from error
        if not isinstance(decoded, dict):
            raise Unanswered(f"{method} {path}: the answer is not a JSON object ({answer[:80]!r}).")
        return decoded


def _selectors(labels: str, fields: str) -> dict[str, str]:
    return {key: value for key, value in (("labelSelector", labels), ("fieldSelector", fields)) if value}


def _write_options(dry_run: bool) -> dict[str, str]:
    return {"fieldManager": FIELD_MANAGER} | ({"dryRun": "All"} if dry_run else {})


def _raise_for(status: int, body: bytes, method: str, path: str) -> None:
    if status < 400:
        return
    reason, message = "", body[:300].decode("utf-8", "replace").strip()
    try:
        answer = json.loads(body)
        reason, message = answer.get("reason", ""), answer.get("message", message)
    except (ValueError, AttributeError):
        pass  # a proxy's error page: its first characters are the best message there is
    error = ServerError if status >= 500 else _BY_STATUS.get(status, ApiError)
    raise error(status, reason, f"{method} {path}: {message or 'no message'} (HTTP {status}).")
