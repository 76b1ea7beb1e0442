# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far a Deployment has come with its newest template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..cluster import Obj
from .snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of pods. `old` are pods of former templates that have not yet been told to stop."""

    observed: bool
    desired: int
    updated: int
    ready: int
    available: int
    old: int

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
            return "the Deployment controller has not yet seen the last change"
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
    deployment = snapshot.deployment
    status = deployment.get("status") or {}
    # The Deployment's own readyReplicas counts former templates too; the ReplicaSet's does not.
    own: Obj = (snapshot.replica_set or {}).get("status") or {}
    updated = int(status.get("updatedReplicas", 0))
    return Progress(
        observed=int(status.get("observedGeneration", 0)) >= int(deployment["metadata"].get("generation", 0)),
        desired=int(deployment["spec"].get("replicas", 1)),
        updated=updated,
        ready=int(own.get("readyReplicas", 0)),
        available=int(own.get("availableReplicas", 0)),
        old=max(0, int(status.get("replicas", 0)) - updated),
    )
