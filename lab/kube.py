# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few calls to the Kubernetes API that the lab needs, on the standard library alone."""

from __future__ import annotations

import base64
import json
import ssl
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import yaml

from lab.config import LabError

Obj = dict[str, Any]

FIELD_MANAGER = "slipway-lab"
CONTROLLER = "deployment.kubernetes.io/"  # annotations of the Deployment controller: it would only put them back
CONFLICTS = 10
APPLY = "application/apply-patch+yaml"
JSON = "application/json"

CLUSTER_WIDE = frozenset(
    {"APIService", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "GatewayClass", "Namespace", "Node"}
)


class ApiError(LabError):
    """The API refused, or could not be reached (status 0)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Api(Protocol):
    """What applying and waiting need."""

    def call(self, method: str, path: str, body: Any = None, content_type: str = JSON) -> Obj: ...


class RestApi:
    """The API of the current context of a kubeconfig with client certificates."""

    def __init__(self, kubeconfig: Path, timeout: float = 15.0) -> None:
        config = yaml.safe_load(kubeconfig.read_text())
        context = _named(config["contexts"], config["current-context"])["context"]
        cluster = _named(config["clusters"], context["cluster"])["cluster"]
        user = _named(config["users"], context["user"])["user"]
        url = urlsplit(cluster["server"])
        self._host, self._port, self._timeout = url.hostname or "", url.port or 443, timeout
        ca = _material(cluster, "certificate-authority", kubeconfig)
        self._tls = ssl.create_default_context(cadata=ca.decode())
        with tempfile.TemporaryDirectory() as folder:  # the ssl module takes a client's key from files only
            pair = [Path(folder, kind) for kind in ("client-certificate", "client-key")]
            for file in pair:
                file.touch(mode=0o600)
                file.write_bytes(_material(user, file.name, kubeconfig))
            self._tls.load_cert_chain(pair[0], pair[1])

    def call(self, method: str, path: str, body: Any = None, content_type: str = JSON) -> Obj:
        """One request, its JSON answer. Whatever is not 2xx is an ApiError with the server's own words."""
        connection = HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._tls)
        try:
            sent = None if body is None else json.dumps(body).encode()
            connection.request(method, path, sent, {"Content-Type": content_type, "Accept": JSON})
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException) as error:
            raise ApiError(0, f"{method} https://{self._host}:{self._port}{path}: {error}. Is the lab up?") from error
        finally:
            connection.close()
        if not 200 <= answer.status < 300:
            raise ApiError(answer.status, f"{method} {path}: {answer.status}: {_message(content)}")
        document: Obj = json.loads(content)
        return document


def _named(entries: Iterable[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    return next(entry for entry in entries if entry["name"] == name)


def _material(holder: Mapping[str, Any], key: str, kubeconfig: Path) -> bytes:
    """PEM that a kubeconfig carries inline or names as a file beside it."""
    if f"{key}-data" in holder:
        return base64.b64decode(holder[f"{key}-data"])
    return (kubeconfig.parent / str(holder[key])).read_bytes()


def _message(content: bytes) -> str:
    try:
        return str(json.loads(content)["message"])
    except (ValueError, KeyError, TypeError):
        return content.decode(errors="replace")[:200]


def manifests(folder: Path) -> Iterator[Obj]:
    """The objects of a folder's YAML files, in the order of file names."""
    for file in sorted(folder.glob("*.yaml")):
        yield from (document for document in yaml.safe_load_all(file.read_text()) if document)


def collection(api_version: str, kind: str, namespace: str | None) -> str:
    """The path where objects of a kind are listed and made."""
    root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    plural = kind.lower()
    if plural.endswith("y") and plural[-2] not in "aeiou":
        plural = plural.removesuffix("y") + "ies"
    else:
        plural += "es" if plural.endswith("s") else "s"
    return f"{root}/namespaces/{namespace}/{plural}" if namespace else f"{root}/{plural}"


def path(obj: Obj) -> str:
    """The path of one object."""
    meta = obj["metadata"]
    namespace = None if obj["kind"] in CLUSTER_WIDE else meta.get("namespace", "default")
    return f"{collection(obj['apiVersion'], obj['kind'], namespace)}/{meta['name']}"


def find(api: Api, where: str) -> Obj | None:
    try:
        return api.call("GET", where)
    except ApiError as error:
        if error.status == 404:
            return None
        raise


def apply(api: Api, obj: Obj) -> Obj:
    """Server-side apply: makes or changes the object, and changes nothing when it is so already."""
    return api.call("PATCH", f"{path(obj)}?fieldManager={FIELD_MANAGER}&force=true", obj, APPLY)


def replace(api: Api, obj: Obj) -> Obj:
    """Make the object exactly this, whoever wrote what into it."""
    where = path(obj)
    for dummy in range(CONFLICTS):
        live = find(api, where)
        if live is None:
            return apply(api, obj)
        held = live["metadata"]
        kept = {k: v for k, v in held.get("annotations", {}).items() if k.startswith(CONTROLLER)}
        meta = {
            **obj["metadata"],
            "annotations": {**kept, **obj["metadata"].get("annotations", {})},
            "resourceVersion": held["resourceVersion"],
        }
        try:
            return api.call("PUT", f"{where}?fieldManager={FIELD_MANAGER}", {**obj, "metadata": meta})
        except ApiError as error:
            if error.status != 409:
                raise
    raise ApiError(409, f"{where}: others wrote to it {CONFLICTS} times in a row. Is a rollout running?")


def delete(api: Api, where: str) -> None:
    try:
        api.call("DELETE", where)
    except ApiError as error:
        if error.status != 404:
            raise
