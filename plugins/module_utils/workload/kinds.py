# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The kinds of workload that roll: what each is called, and what keeps its former templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..cluster import DAEMON_SET, DEPLOYMENT, REPLICA_SET, STATEFUL_SET, Kind, Obj

CONTROLLER_REVISION = Kind("apps", "v1", "controllerrevisions", "ControllerRevision")


@dataclass(frozen=True, slots=True)
class Workload:
    """`revisions` are the objects that keep its templates, `label` tells which of them a pod is of."""

    kind: Kind
    revisions: Kind
    label: str

    @property
    def name(self) -> str:
        return self.kind.kind

    def revision_of(self, pod: Obj) -> str:
        return str((pod["metadata"].get("labels") or {}).get(self.label, ""))

    def mark_of(self, revision: Obj) -> str:
        """What the pods of a revision carry in `label`: of a StatefulSet the revision's name, else its hash."""
        if self.kind is STATEFUL_SET:
            return str(revision["metadata"]["name"])
        return str((revision["metadata"].get("labels") or {}).get(self.label, ""))


_POD_HASH, _REVISION_HASH = "pod-template-hash", "controller-revision-hash"
WORKLOADS: Mapping[str, Workload] = MappingProxyType(
    {
        "Deployment": Workload(DEPLOYMENT, REPLICA_SET, _POD_HASH),
        "StatefulSet": Workload(STATEFUL_SET, CONTROLLER_REVISION, _REVISION_HASH),
        "DaemonSet": Workload(DAEMON_SET, CONTROLLER_REVISION, _REVISION_HASH),
    }
)


def workload_of(obj: Obj) -> Workload:
    """By the object's own `kind`; a Deployment where it has none."""
    return WORKLOADS[str(obj.get("kind", "Deployment"))]
