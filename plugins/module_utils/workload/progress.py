# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far a workload has come with its newest template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..cluster import Obj
from .snapshot import Snapshot, is_ready


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of pods. `old` are pods of former templates that have not yet been told to stop."""

    observed: bool
    desired: int
    updated: int
    ready: int
    available: int
    old: int
    kind: str = "Deployment"

    @property
    def done(self) -> bool:
        """As `kubectl rollout status` has it, and the scale-in is through too."""
        return (
            self.observed
            and self.old == 0
            and self.updated == self.desired
            and self.ready >= self.desired
            and self.available >= self.desired
        )

    def has(self, replicas: int) -> bool:
        """Whether that many pods serve the newest template and none serves a former one."""
        return self.observed and self.old == 0 and min(self.ready, self.available) >= replicas

    def describe(self) -> str:
        if not self.observed:
            return f"the {self.kind} controller has not yet seen the last change"
        told = f"{self.available} of {self.desired} pods of the new template are available"
        if self.old:
            told += f", {self.old} of the former one still run{'s' if self.old == 1 else ''}"
        if self.updated > self.desired:
            told += f", {self.updated - self.desired} to be stopped"
        return told

    def as_dict(self) -> dict[str, Any]:
        return {
            "desired": self.desired,
            "updated": self.updated,
            "ready": self.ready,
            "available": self.available,
            "old": self.old,
        }


def progress_of(snapshot: Snapshot) -> Progress:
    kind = str(snapshot.workload.get("kind", "Deployment"))
    return _of_deployment(snapshot) if kind == "Deployment" else _of_pods(snapshot, kind)


def _of_deployment(snapshot: Snapshot) -> Progress:
    deployment = snapshot.workload
    status = deployment.get("status") or {}
    # The Deployment's own readyReplicas counts former templates too; the ReplicaSet's does not.
    own: Obj = (snapshot.revision or {}).get("status") or {}
    updated = int(status.get("updatedReplicas", 0))
    return Progress(
        observed=_observed(deployment),
        desired=int(deployment["spec"].get("replicas", 1)),
        updated=updated,
        ready=int(own.get("readyReplicas", 0)),
        available=int(own.get("availableReplicas", 0)),
        old=max(0, int(status.get("replicas", 0)) - updated),
    )


def _of_pods(snapshot: Snapshot, kind: str) -> Progress:
    """These have no object that counts the pods of one template, so the pods are counted."""
    obj = snapshot.workload
    status, spec = obj.get("status") or {}, obj["spec"]
    if kind == "DaemonSet":
        desired, kept = int(status.get("desiredNumberScheduled", 0)), 0
        available = int(status.get("numberAvailable", 0))
    else:
        replicas = int(spec.get("replicas", 1))
        partition = int(((spec.get("updateStrategy") or {}).get("rollingUpdate") or {}).get("partition", 0))
        kept = max(0, min(replicas, partition - int((spec.get("ordinals") or {}).get("start", 0))))
        desired, available = replicas - kept, int(status.get("availableReplicas", 0)) - kept
    ready = sum(1 for pod in snapshot.pods if is_ready(pod))
    return Progress(
        observed=_observed(obj) and snapshot.revision is not None,
        desired=desired,
        updated=len(snapshot.pods),
        ready=ready,
        available=max(0, min(ready, available)),
        old=max(0, len(snapshot.former) - kept),
        kind=kind,
    )


def _observed(obj: Obj) -> bool:
    return int((obj.get("status") or {}).get("observedGeneration", 0)) >= int(obj["metadata"].get("generation", 0))
