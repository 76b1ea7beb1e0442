# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A workload in memory with a controller that gives each template its pods at once: ready ones, or broken ones."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import POD, Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.workload.kinds import WORKLOADS

from tests.unit.store import Obj, Store
from tests.unit.traffic.fake_api import FakeClock

NAMESPACE, NAME = "production", "shop"
OLD, NEW = "registry.example/shop@sha256:" + "a" * 64, "registry.example/shop@sha256:" + "b" * 64
LABELS = {"app": "shop"}
STARTED = "2027-01-15T08:00:01Z"
PACES: dict[str, Obj] = {
    "Deployment": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}},
    "StatefulSet": {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}},
    "DaemonSet": {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}},
}


def workload(kind: str = "Deployment", image: str = OLD, *, replicas: int = 2, **changes: Any) -> Obj:
    """Changes: env, annotations, spec, container (more fields of it)."""
    container = {"name": "app", "image": image, "env": changes.get("env", []), **changes.get("container", {})}
    spec: Obj = {
        "selector": {"matchLabels": LABELS},
        "template": {"metadata": {"labels": LABELS}, "spec": {"containers": [container]}},
        **copy.deepcopy(PACES[kind]),
    }
    if kind != "DaemonSet":
        spec["replicas"] = replicas
    if kind == "Deployment":
        spec["progressDeadlineSeconds"] = 60
    return {
        "kind": kind,
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "uid": "uid-shop",
            "generation": 1,
            "annotations": dict(changes.get("annotations", {})),
        },
        "spec": spec | changes.get("spec", {}),
    }


@dataclass
class World:
    """`broken` are images whose pods never become ready; `sees` is called before each read."""

    kind: str = "Deployment"
    store: Store = field(default_factory=Store)
    clock: FakeClock = field(default_factory=FakeClock)
    broken: set[str] = field(default_factory=set)
    sees: Callable[[], None] = lambda: None
    idle: bool = False
    _busy: bool = False

    @classmethod
    def of(cls, obj: Obj | None = None, kind: str = "Deployment", **options: Any) -> World:
        world = cls(kind, **options)
        world.store.put(WORKLOADS[kind].kind, NAMESPACE, obj or workload(kind))
        world.store.on_read = world._control
        world._control()
        return world

    def cluster(self) -> Cluster:
        return self.store.cluster()

    @property
    def path(self) -> str:
        return WORKLOADS[self.kind].kind.path(NAMESPACE, NAME)

    @property
    def obj(self) -> Obj:
        return self.store.objects[self.path]

    @property
    def image(self) -> str:
        return str(self.obj["spec"]["template"]["spec"]["containers"][0]["image"])

    @property
    def notes(self) -> dict[str, str]:
        return dict(self.obj["metadata"].get("annotations") or {})

    def pods(self) -> list[Obj]:
        return [obj for path, obj in self.store.objects.items() if "/pods/" in path]

    def write(self, change: Callable[[Obj], None]) -> None:
        """As somebody else does it."""
        obj = copy.deepcopy(self.obj)
        change(obj)
        obj["metadata"]["generation"] += 1
        self.store.put(WORKLOADS[self.kind].kind, NAMESPACE, obj)

    def _control(self) -> None:
        if self._busy:
            return
        self._busy = True
        try:
            self.sees()
            if not self.idle:
                self._reconcile()
        finally:
            self._busy = False

    def _reconcile(self) -> None:
        obj, there = self.obj, WORKLOADS[self.kind]
        template = obj["spec"]["template"]
        mark = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:8]
        stopped = obj["spec"].get("paused") or (obj["spec"].get("updateStrategy") or {}).get("type") == "OnDelete"
        partition = ((obj["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {}).get("partition", 0)
        count = int(obj["spec"].get("replicas", 1))
        revision = self._revision(template, mark)
        if not stopped and not (self.kind == "StatefulSet" and partition >= count):
            waits = self._unready() if self.kind == "StatefulSet" else []
            for path in [path for path in self.store.objects if "/pods/" in path and path not in waits]:
                del self.store.objects[path]
            owner = revision if self.kind == "Deployment" else obj
            for number in range(count if not waits else 0):
                self._pod(template, there.label, there.mark_of(revision), owner, number)
        image = template["spec"]["containers"][0]["image"]
        ready = 0 if image in self.broken else count
        obj["status"] = {
            "observedGeneration": obj["metadata"]["generation"],
            "replicas": count,
            "updatedReplicas": count,
            "availableReplicas": ready,
            "updateRevision": revision["metadata"]["name"],
            "desiredNumberScheduled": count,
            "numberAvailable": ready,
        }
        revision["status"] = {"readyReplicas": ready, "availableReplicas": ready}

    def _unready(self) -> list[str]:
        """A StatefulSet does nothing as long as one of its pods does not become ready, and the template is another."""
        wanted = self.obj["spec"]["template"]["spec"]["containers"][0]["image"]
        return [
            path
            for path, pod in self.store.objects.items()
            if "/pods/" in path
            and pod["status"]["conditions"][0]["status"] != "True"
            and pod["spec"]["containers"][0]["image"] != wanted
        ]

    def _revision(self, template: Obj, mark: str) -> Obj:
        there = WORKLOADS[self.kind]
        path = there.revisions.path(NAMESPACE, f"{NAME}-{mark}")
        numbers = [int(obj.get("revision", 0)) for where, obj in self.store.objects.items() if "revisions/" in where]
        if path not in self.store.objects:
            metadata = {"name": f"{NAME}-{mark}", "uid": f"uid-{mark}", "labels": {**LABELS, there.label: mark}}
            metadata["ownerReferences"] = [{"uid": "uid-shop"}]
            labelled = {**template, "metadata": {"labels": {**LABELS, "pod-template-hash": mark}}}
            body: Obj = {"spec": {"template": labelled}}
            if self.kind != "Deployment":
                body = {"data": {"spec": {"template": {**template, "$patch": "replace"}}}}
            self.store.put(there.revisions, NAMESPACE, {"metadata": metadata, **body})
        if self.kind != "Deployment":
            self.store.objects[path]["revision"] = max(numbers, default=0) + 1
        return self.store.objects[path]

    def _pod(self, template: Obj, label: str, mark: str, owner: Obj, number: int) -> None:
        image = template["spec"]["containers"][0]["image"]
        ready = image not in self.broken
        name = f"{NAME}-{number}" if self.kind == "StatefulSet" else f"{NAME}-{mark}-{number}"
        state = {"running": {"startedAt": STARTED}} if ready else {"waiting": {"reason": "CrashLoopBackOff"}}
        status = {"name": "app", "ready": ready, "restartCount": 0 if ready else 3, "state": state}
        if not ready:
            status["lastState"] = {"terminated": {"exitCode": 3, "reason": "Error"}}
        conditions = [{"type": "Ready", "status": str(ready), "lastTransitionTime": "2027-01-15T08:00:03Z"}]
        metadata = {"name": name, "uid": f"uid-{name}-{mark}", "labels": {**LABELS, label: mark}}
        metadata["ownerReferences"] = [{"uid": owner["metadata"]["uid"]}]
        pod = {
            "metadata": metadata,
            "spec": {"containers": template["spec"]["containers"]},
            "status": {
                "phase": "Running",
                "conditions": conditions,
                "containerStatuses": [status],
                "podIP": "10.0.0.7",
            },
        }
        self.store.put(POD, NAMESPACE, pod)
