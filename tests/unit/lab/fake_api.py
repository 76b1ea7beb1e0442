# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An API server in memory: stores objects by path, lists by folder, refuses what it is told to refuse."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from lab import kube


@dataclass
class FakeApi:
    stored: dict[str, kube.Obj] = field(default_factory=dict)
    writes: list[tuple[str, str]] = field(default_factory=list)
    conflicts: int = 0
    version: int = 0

    def call(self, method: str, path: str, body: Any = None, content_type: str = kube.JSON) -> kube.Obj:
        path = path.partition("?")[0]
        if method == "GET":
            return deepcopy(self._get(path))
        self.writes.append((method, path))
        if method == "DELETE":
            return self.stored.pop(path) if path in self.stored else self._missing(path)
        if method == "PUT" and self.conflicts:
            self.conflicts -= 1
            raise kube.ApiError(409, "the object has been modified")
        self.version += 1
        obj: kube.Obj = deepcopy(body)
        obj["metadata"] |= {"resourceVersion": str(self.version), "generation": self.version}
        if obj["kind"] == "Deployment":
            replicas = obj["spec"]["replicas"]
            counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), replicas)
            obj["status"] = {"observedGeneration": self.version, **counts}
        self.stored[path] = obj
        return obj

    def _get(self, path: str) -> kube.Obj:
        if path in self.stored:
            return self.stored[path]
        if path.rsplit("/", 1)[1] in ("configmaps", "leases", "pods"):
            return {"items": [obj for where, obj in self.stored.items() if where.startswith(path + "/")]}
        return self._missing(path)

    def _missing(self, path: str) -> kube.Obj:
        raise kube.ApiError(404, f"{path} not found")
