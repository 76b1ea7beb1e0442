# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A workload with the pods of its newest template, as they were at one look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..cluster import DEPLOYMENT, EVENT, POD, STATEFUL_SET, Cluster, Kind, NotFound, Obj
from ..labels import join_labels, match_labels
from .kinds import WORKLOADS, Workload

# Added by the controller to tell templates apart, so it is no difference between them.
TEMPLATE_HASH = "pod-template-hash"
_ASKED_PODS = 3  # whose events are read: they mostly tell the same


class NoDeployment(Exception):
    """There is no such workload; the text says which there are."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`pods` are those of the newest template that are not being deleted, `former` those of other templates.

    `revision` keeps the newest template (a ReplicaSet or ControllerRevision); None while there is none of it yet.
    `events` is by pod name, `own` are the events of the workload itself.
    """

    workload: Obj
    revision: Obj | None = None
    pods: tuple[Obj, ...] = ()
    former: tuple[Obj, ...] = ()
    events: Mapping[str, tuple[Obj, ...]] = field(default_factory=dict)
    own: tuple[Obj, ...] = ()


def take(cluster: Cluster, namespace: str, name: str, kind: str = "Deployment") -> Snapshot:
    """Read it, without events. Raises NoDeployment or ClusterError."""
    there = WORKLOADS[kind]
    obj = {"kind": kind, **get(cluster, namespace, name, kind)}
    labels = join_labels(match_labels(obj))
    revisions = [rev for rev in cluster.list(there.revisions, namespace, labels=labels) if owned_by(rev, obj)]
    revision = newest(obj, revisions) if there.kind is DEPLOYMENT else _newest_revision(there, obj, revisions)
    pods = [pod for pod in cluster.list(POD, namespace, labels=labels) if "deletionTimestamp" not in pod["metadata"]]
    owners = revisions if there.kind is DEPLOYMENT else [obj]
    own = sorted((pod for pod in pods if any(owned_by(pod, owner) for owner in owners)), key=name_of)
    if revision is None:
        return Snapshot(obj, former=tuple(own))
    new = [pod for pod in own if _is_of(there, pod, revision)]
    return Snapshot(obj, revision, tuple(new), tuple(pod for pod in own if pod not in new))


def get(cluster: Cluster, namespace: str, name: str, kind: str) -> Obj:
    """Raises NoDeployment or ClusterError."""
    try:
        return cluster.get(WORKLOADS[kind].kind, namespace, name)
    except NotFound as error:
        raise NoDeployment(_no_workload(cluster, namespace, name, WORKLOADS[kind].kind)) from error


def with_events(cluster: Cluster, snapshot: Snapshot) -> Snapshot:
    """The same with the events of some pods that are not ready, and with those of the workload itself."""
    waiting = [pod for pod in snapshot.pods if not is_ready(pod)][:_ASKED_PODS]
    events = {name_of(pod): _events(cluster, pod) + _claim_events(cluster, pod) for pod in waiting}
    # A Deployment's conditions tell of pods that are refused; the others have but events for it.
    own = () if snapshot.workload.get("kind", "Deployment") == "Deployment" else _events(cluster, snapshot.workload)
    return replace(snapshot, events=events, own=own)


def _events(cluster: Cluster, obj: Obj) -> tuple[Obj, ...]:
    fields = f"involvedObject.name={name_of(obj)},involvedObject.uid={obj['metadata']['uid']}"
    return tuple(cluster.list(EVENT, obj["metadata"]["namespace"], fields=fields))


def _claim_events(cluster: Cluster, pod: Obj) -> tuple[Obj, ...]:
    """Of the volumes that a pod waits for: the scheduler only says that there are some."""
    conditions = (pod.get("status") or {}).get("conditions") or []
    if not any("PersistentVolumeClaim" in condition.get("message", "") for condition in conditions):
        return ()
    claims = [volume.get("persistentVolumeClaim", {}).get("claimName") for volume in pod["spec"].get("volumes") or []]
    found: list[Obj] = []
    for claim in filter(None, claims):
        fields = f"involvedObject.name={claim},involvedObject.kind=PersistentVolumeClaim"
        found += cluster.list(EVENT, pod["metadata"]["namespace"], fields=fields)
    return tuple(found)


def newest(deployment: Obj, replica_sets: Sequence[Obj]) -> Obj | None:
    """The ReplicaSet of the Deployment's present template; the oldest where there are two, as the controller has it."""
    wanted = template(deployment)
    twins = [rs for rs in replica_sets if owned_by(rs, deployment) and template(rs) == wanted]
    return min(twins, key=lambda rs: (rs["metadata"].get("creationTimestamp", ""), name_of(rs)), default=None)


def _newest_revision(there: Workload, obj: Obj, revisions: Sequence[Obj]) -> Obj | None:
    """As the controller numbers them; what it has not seen yet has none."""
    status = obj.get("status") or {}
    if int(status.get("observedGeneration", 0)) < int(obj["metadata"].get("generation", 0)):
        return None
    if there.kind is STATEFUL_SET:
        return next((rev for rev in revisions if name_of(rev) == status.get("updateRevision")), None)
    return max(revisions, key=lambda rev: int(rev.get("revision", 0)), default=None)


def _is_of(there: Workload, pod: Obj, revision: Obj) -> bool:
    if there.kind is DEPLOYMENT:
        return owned_by(pod, revision)
    return there.revision_of(pod) == there.mark_of(revision)


def is_ready(pod: Obj) -> bool:
    conditions = pod.get("status", {}).get("conditions") or []
    return any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)


def template(obj: Obj) -> Obj:
    """The pod template without the label that only tells templates apart."""
    found: Obj = obj["spec"]["template"]
    metadata = dict(found.get("metadata") or {})
    labels = {k: v for k, v in (metadata.get("labels") or {}).items() if k != TEMPLATE_HASH}
    return {**found, "metadata": {**metadata, "labels": labels}}


def owned_by(obj: Obj, owner: Obj) -> bool:
    references = obj["metadata"].get("ownerReferences") or []
    return any(reference.get("uid") == owner["metadata"]["uid"] for reference in references)


def name_of(obj: Obj) -> str:
    return str(obj["metadata"]["name"])


def _no_workload(cluster: Cluster, namespace: str, name: str, kind: Kind) -> str:
    there = sorted(name_of(obj) for obj in cluster.list(kind, namespace))
    return f"There is no {kind.kind} '{name}' in namespace '{namespace}'. " + (
        f"There are: {', '.join(there)}. Correct the name or the namespace."
        if there
        else f"It has no {kind.kind}s at all; is the namespace right?"
    )
