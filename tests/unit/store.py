# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster in memory, as a Transport: objects by path, lists, merge patches, logs, access reviews."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster, Kind

Obj = dict[str, Any]

ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@dataclass
class Store:
    """`raw` answers a path with (status, body) or an exception; `denied` are (verb, resource[/subresource]) pairs."""

    objects: dict[str, Obj] = field(default_factory=dict)
    raw: dict[str, tuple[int, bytes] | Exception] = field(default_factory=dict)
    failures: dict[str, list[int | Exception]] = field(default_factory=dict)
    denied: set[tuple[str, str]] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    writes: list[tuple[str, Obj, bool]] = field(default_factory=list)
    events: list[Obj] = field(default_factory=list)
    on_read: Callable[[], None] = lambda: None
    version: int = 100

    def put(self, kind: Kind, namespace: str | None, obj: Obj) -> Obj:
        self.version += 1
        stored = copy.deepcopy(obj)
        stored["metadata"] |= {"resourceVersion": str(self.version)} | ({"namespace": namespace} if namespace else {})
        self.objects[kind.path(namespace, obj["metadata"]["name"])] = stored
        return stored

    def remove(self, kind: Kind, namespace: str | None, name: str) -> None:
        del self.objects[kind.path(namespace, name)]

    def cluster(self) -> Cluster:
        return Cluster(self)

    def request(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], timeout: float
    ) -> tuple[int, bytes]:
        url = urlsplit(path)
        self.asked.append(f"{method} {path}")
        self.on_read()
        if waiting := self.failures.get(url.path):
            fault = waiting.pop(0)
            if isinstance(fault, Exception):
                raise fault
            return status(fault, "told to")
        if method == "POST" and url.path == ACCESS:
            return self._review(json.loads(body or b"{}"))
        if method == "POST":
            return self._create(url.path, json.loads(body or b"{}"), "dryRun" in parse_qs(url.query))
        if method == "PATCH":
            named = "strategic" in headers.get("Content-Type", "")
            return self._patch(url.path, json.loads(body or b"{}"), "dryRun" in parse_qs(url.query), named=named)
        if method == "DELETE":
            return self._delete(url.path, "dryRun" in parse_qs(url.query))
        answer = self.raw.get(path)
        if isinstance(answer, Exception):
            raise answer
        return answer or self._get(url.path, parse_qs(url.query))

    def stream(self, path: str, timeout: float) -> Iterator[bytes]:
        self.asked.append(f"WATCH {path}")
        yield from (json.dumps(event).encode() for event in self.events)

    def _get(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, bytes]:
        if path in self.objects:
            return 200, json.dumps(self.objects[path]).encode()
        if path.count("/") not in ((3, 5) if path.startswith("/api/") else (4, 6)):
            return status(404, f'"{path.rsplit("/", 1)[1]}" not found')
        labels = dict(pair.split("=") for pair in query.get("labelSelector", [""])[0].split(",") if pair)
        fields = dict(pair.split("=") for pair in query.get("fieldSelector", [""])[0].split(",") if pair)
        items = [
            obj
            for where, obj in self.objects.items()
            if where.rsplit("/", 1)[0] == path
            and labels.items() <= (obj["metadata"].get("labels") or {}).items()
            and all(_field(obj, name) == value for name, value in fields.items())
        ]
        return 200, json.dumps({"items": items}).encode()

    def _patch(self, path: str, patch: Any, dry: bool, *, named: bool) -> tuple[int, bytes]:
        self.writes.append((path, patch, dry))
        if path not in self.objects:
            return status(404, "not found")
        obj = copy.deepcopy(self.objects[path])
        operations = patch if isinstance(patch, list) else []
        versions = [one["value"] for one in operations if one["path"] == "/metadata/resourceVersion"]
        expected = versions[0] if operations else patch.get("metadata", {}).get("resourceVersion")
        if expected not in (None, obj["metadata"]["resourceVersion"]):
            return status(409, "the object has been modified")
        if operations:
            operate(obj, operations)
        else:
            merge(obj, patch, named=named)
        if not dry:
            self.version += 1
            obj["metadata"]["resourceVersion"] = str(self.version)
            obj["metadata"]["generation"] = obj["metadata"].get("generation", 1) + 1
            self.objects[path] = obj
        return 200, json.dumps(obj).encode()

    def _create(self, collection: str, obj: Obj, dry: bool) -> tuple[int, bytes]:
        path = f"{collection}/{obj['metadata']['name']}"
        self.writes.append((path, obj, dry))
        if path in self.objects:
            return status(409, "already exists")
        self.version += 1
        stored = copy.deepcopy(obj)
        stored["metadata"]["resourceVersion"] = str(self.version)
        if not dry:
            self.objects[path] = stored
        return 201, json.dumps(stored).encode()

    def _delete(self, path: str, dry: bool) -> tuple[int, bytes]:
        self.writes.append((path, {}, dry))
        if path not in self.objects:
            return status(404, "not found")
        obj = self.objects[path] if dry else self.objects.pop(path)
        return 200, json.dumps(obj).encode()

    def _review(self, review: Obj) -> tuple[int, bytes]:
        asked = review["spec"]["resourceAttributes"]
        resource = "/".join(filter(None, (asked["resource"], asked.get("subresource", ""))))
        return 201, json.dumps({"status": {"allowed": (asked["verb"], resource) not in self.denied}}).encode()


def operate(obj: Obj, operations: list[Obj]) -> None:
    """RFC 6902, for fields of objects."""
    for one in operations:
        *parents, last = one["path"].strip("/").split("/")
        here = obj
        for part in parents:
            here = here[part]
        if one["op"] == "remove":
            del here[last]
        else:
            here[last] = one["value"]


def merge(obj: Obj, patch: Obj, *, named: bool = False) -> None:
    """RFC 7386; with `named` lists of named things are merged, as the API does for kinds of its own."""
    for key, value in patch.items():
        if value is None:
            obj.pop(key, None)
        elif isinstance(value, dict) and isinstance(obj.get(key), dict):
            merge(obj[key], value, named=named)
        elif named and isinstance(value, list) and all("name" in one for one in value) and key in obj:
            for one in value:
                there = [two for two in obj[key] if two["name"] == one["name"]]
                merge(there[0], one, named=named) if there else obj[key].append(one)
        else:
            obj[key] = value


def status(code: int, message: str) -> tuple[int, bytes]:
    reason = {403: "Forbidden", 404: "NotFound", 409: "Conflict"}.get(code, "InternalError")
    return code, json.dumps({"kind": "Status", "code": code, "reason": reason, "message": message}).encode()


def _field(obj: Obj, name: str) -> Any:
    here: Any = obj
    for part in name.split("."):
        here = here.get(part, {})
    return here
