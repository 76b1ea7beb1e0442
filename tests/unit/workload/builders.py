# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments, ReplicaSets, pods and events in the shapes that a real cluster gives, as small as they can be."""

from __future__ import annotations

from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT, EVENT, POD, REPLICA_SET

from tests.unit.store import Obj, Store

NAMESPACE = "production"
NAME = "shop-canary"
LABELS = {"app": "shop", "slot": "canary"}
CONTAINER: Obj = {
    "name": "app",
    "image": "registry.example/shop:2",
    "readinessProbe": {"httpGet": {"path": "/health/ready", "port": "http"}},
    "livenessProbe": {"httpGet": {"path": "/health", "port": "http"}},
    "resources": {"limits": {"memory": "256Mi"}},
}


def deployment(replicas: int = 1, *, image: str = "registry.example/shop:2", **changes: Any) -> Obj:
    """Changes: generation, observed, paused, conditions, updated, total, labels, name."""
    labels = changes.get("labels", LABELS)
    spec: Obj = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [{**CONTAINER, "image": image}]}},
        "progressDeadlineSeconds": 60,
    }
    if changes.get("paused"):
        spec["paused"] = True
    generation = changes.get("generation", 2)
    updated = changes.get("updated", replicas)
    return {
        "metadata": {
            "name": changes.get("name", NAME),
            "namespace": NAMESPACE,
            "uid": f"uid-{changes.get('name', NAME)}",
            "generation": generation,
        },
        "spec": spec,
        "status": {
            "observedGeneration": changes.get("observed", generation),
            "replicas": changes.get("total", updated),
            "updatedReplicas": updated,
            "conditions": changes.get("conditions", []),
        },
    }


def replica_set(of: Obj, *, ready: int = 0, available: int | None = None, suffix: str = "7d4b9") -> Obj:
    template = of["spec"]["template"]
    labels = {**template["metadata"]["labels"], "pod-template-hash": suffix}
    name = f"{of['metadata']['name']}-{suffix}"
    return {
        "metadata": {
            "name": name,
            "uid": f"uid-{name}",
            "labels": labels,
            "creationTimestamp": "2027-01-15T08:00:00Z",
            "ownerReferences": [{"kind": "Deployment", "uid": of["metadata"]["uid"], "controller": True}],
        },
        "spec": {"template": {**template, "metadata": {"labels": labels}}},
        "status": {"readyReplicas": ready, "availableReplicas": ready if available is None else available},
    }


def pod(of: Obj, suffix: str = "x2x1z", *, ready: bool = False, **changes: Any) -> Obj:
    """Changes: state, last, restarts, phase, conditions, status, spec, deleted, init (statuses)."""
    name = f"{of['metadata']['name']}-{suffix}"
    container = {
        "name": "app",
        "ready": ready,
        "restartCount": changes.get("restarts", 0),
        "state": changes.get("state", {"running": {"startedAt": "2027-01-15T08:00:01Z"}}),
        "lastState": changes.get("last", {}),
    }
    metadata: Obj = {
        "name": name,
        "uid": f"uid-{name}",
        "namespace": NAMESPACE,
        "labels": of["metadata"]["labels"],
        "ownerReferences": [{"kind": "ReplicaSet", "uid": of["metadata"]["uid"], "controller": True}],
    }
    if changes.get("deleted"):
        metadata["deletionTimestamp"] = "2027-01-15T08:00:09Z"
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}, *changes.get("conditions", [])]
    status: Obj = {
        "phase": changes.get("phase", "Running"),
        "podIP": "10.0.0.7",
        "conditions": conditions,
        "containerStatuses": [container],
        **changes.get("status", {}),
    }
    if "init" in changes:
        status["initContainerStatuses"] = changes["init"]
    return {
        "metadata": metadata,
        "spec": {"containers": of["spec"]["template"]["spec"]["containers"], **changes.get("spec", {})},
        "status": status,
    }


def waiting(reason: str, message: str = "") -> Obj:
    return {"waiting": {"reason": reason, "message": message}}


def terminated(code: int, reason: str = "Error", **more: Any) -> Obj:
    return {"terminated": {"exitCode": code, "reason": reason, **more}}


def event(of: Obj, reason: str, message: str, *, at: str = "2027-01-15T08:00:05Z", container: str = "app") -> Obj:
    return {
        "metadata": {"name": f"{of['metadata']['name']}.{reason}.{at}"},
        "involvedObject": {
            "name": of["metadata"]["name"],
            "uid": of["metadata"]["uid"],
            "fieldPath": f"spec.containers{{{container}}}" if container else "",
        },
        "reason": reason,
        "message": message,
        "lastTimestamp": at,
    }


def put(
    store: Store, a_deployment: Obj, a_replica_set: Obj | None = None, *pods: Obj, events: tuple[Obj, ...] = ()
) -> None:
    store.put(DEPLOYMENT, NAMESPACE, a_deployment)
    if a_replica_set is not None:
        store.put(REPLICA_SET, NAMESPACE, a_replica_set)
    for one in pods:
        store.put(POD, NAMESPACE, one)
    for one in events:
        store.put(EVENT, NAMESPACE, one)
