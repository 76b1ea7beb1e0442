# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An API server in memory, as a Transport: objects, resource versions, JSON Patch, dry runs, managedFields, faults."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Unanswered, Unreachable

Obj = dict[str, Any]


@dataclass
class FakeClock:
    """Time that passes only by sleeping."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)
    on_sleep: Callable[[], None] = lambda: None

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_800_000_000.0 + self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += max(0.0, seconds)
        self.on_sleep()


@dataclass
class FakeApi:
    """Faults are taken one per write, in order: an int (status), `before`, `after` (answer lost), `unreachable`."""

    objects: dict[str, Obj] = field(default_factory=dict)
    faults: list[int | str] = field(default_factory=list)
    read_faults: list[int | str] = field(default_factory=list)
    before_write: list[Callable[[FakeApi], None]] = field(default_factory=list)
    admission: Callable[[Obj], None] = lambda obj: None
    writes: list[tuple[str, Any, bool]] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    unserved: set[str] = field(default_factory=set)
    version: int = 100

    def put(self, path: str, obj: Obj, manager: str = "kubectl", time: str = "2027-01-15T08:16:00Z") -> Obj:
        self.version += 1
        stored = copy.deepcopy(obj)
        meta = stored.setdefault("metadata", {})
        meta["name"] = path.rsplit("/", 1)[1]
        meta["resourceVersion"] = str(self.version)
        entry = {"manager": manager, "operation": "Update", "time": time, "fieldsV1": {"f:spec": {}}}
        meta["managedFields"] = [e for e in meta.get("managedFields", []) if e["manager"] != manager] + [entry]
        self.objects[path] = stored
        return stored

    def change(self, path: str, edit: Callable[[Obj], None], manager: str = "kubectl-edit") -> None:
        obj = copy.deepcopy(self.objects[path])
        edit(obj)
        self.put(path, obj, manager, time="2027-01-15T08:16:37Z")

    def request(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], timeout: float
    ) -> tuple[int, bytes]:
        url = urlsplit(path)
        if method == "GET":
            self.reads.append(path)
            return self._get(url.path, parse_qs(url.query))
        dry = "dryRun" in parse_qs(url.query)
        patch = json.loads(body or b"[]")
        if self.before_write:
            self.before_write.pop(0)(self)
        fault = self.faults.pop(0) if self.faults else None
        if fault == "unreachable":
            raise Unreachable("connection refused")
        if fault == "before":
            raise Unanswered("closed before")
        if isinstance(fault, int):
            return _status(fault, "told to")
        status, answer = self._patch(url.path, patch, dry)
        if fault == "after":
            raise Unanswered("closed after")
        if fault == "500 after":
            return _status(500, "etcdserver: request timed out")
        return status, answer

    def stream(self, path: str, timeout: float) -> Iterator[bytes]:
        yield from ()

    def _get(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, bytes]:
        fault = self.read_faults.pop(0) if self.read_faults else None
        if fault == "unreachable":
            raise Unreachable("connection refused")
        if fault == "lost":
            raise Unanswered("no answer")
        if isinstance(fault, int):
            return _status(fault, "told to")
        collection = path if path.count("/") == (5 if path.startswith("/api/") else 6) else path.rsplit("/", 1)[0]
        if collection in self.unserved:
            return 404, b"404 page not found"
        if collection != path:
            if path in self.objects:
                return 200, json.dumps(self.objects[path]).encode()
            return _status(404, f'"{path.rsplit("/", 1)[1]}" not found')
        wanted = dict(pair.split("=") for pair in query.get("labelSelector", [""])[0].split(",") if pair)
        items = [
            obj
            for where, obj in self.objects.items()
            if where.rsplit("/", 1)[0] == path and wanted.items() <= obj["metadata"].get("labels", {}).items()
        ]
        return 200, json.dumps({"items": items}).encode()

    def _patch(self, path: str, patch: list[Obj], dry: bool) -> tuple[int, bytes]:
        self.writes.append((path, patch, dry))
        if path not in self.objects:
            return _status(404, "not found")
        obj = copy.deepcopy(self.objects[path])
        for operation in patch:
            if operation["path"] == "/metadata/resourceVersion":
                if operation["value"] != obj["metadata"]["resourceVersion"]:
                    return _status(409, "the object has been modified")
                continue
            apply_operation(obj, operation)
        self.admission(obj)
        if dry:
            return 200, json.dumps(obj).encode()
        return 200, json.dumps(self.put(path, obj, "slipway", "2027-01-15T08:16:38Z")).encode()


def apply_operation(obj: Obj, operation: Obj) -> None:
    """RFC 6902 `add`, `remove` and `replace` on members of objects and on what lies in existing list entries."""
    *parents, last = (part.replace("~1", "/").replace("~0", "~") for part in operation["path"].lstrip("/").split("/"))
    here: Any = obj
    for part in parents:
        here = here[int(part) if isinstance(here, list) else part]
    if operation["op"] != "add" and last not in here:
        raise AssertionError(f"{operation['op']} of what is not there: {operation}")
    if operation["op"] == "remove":
        del here[last]
    else:
        here[last] = operation["value"]


def _status(code: int, message: str) -> tuple[int, bytes]:
    reasons = {403: "Forbidden", 404: "NotFound", 409: "Conflict", 422: "Invalid", 429: "TooManyRequests"}
    body = {"kind": "Status", "code": code, "reason": reasons.get(code, "InternalError"), "message": message}
    return code, json.dumps(body).encode()
