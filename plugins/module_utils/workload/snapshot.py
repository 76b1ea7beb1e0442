# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Deployment with the ReplicaSet and the pods of its newest template, as they were at one look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..cluster import DEPLOYMENT, EVENT, POD, REPLICA_SET, Cluster, NotFound, Obj
from ..labels import join_labels, match_labels

# Added by the controller to tell templates apart, so it is no difference between them.
TEMPLATE_HASH = "pod-template-hash"
_ASKED_PODS = 3  # whose events are read: they mostly tell the same


class NoDeployment(Exception):
    """There is no such Deployment; the text says which there are."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`pods` are those of the newest template that are not being deleted; `events` is by pod name."""

    deployment: Obj
    replica_set: Obj | None = None
    pods: tuple[Obj, ...] = ()
    events: Mapping[str, tuple[Obj, ...]] = field(default_factory=dict)


def take(cluster: Cluster, namespace: str, name: str) -> Snapshot:
    """Read it, without events. Raises NoDeployment or ClusterError."""
    try:
        deployment = cluster.get(DEPLOYMENT, namespace, name)
    except NotFound as error:
        raise NoDeployment(_no_deployment(cluster, namespace, name)) from error
    labels = join_labels(match_labels(deployment))
    replica_set = newest(deployment, cluster.list(REPLICA_SET, namespace, labels=labels))
    if replica_set is None:
        return Snapshot(deployment)
    pods = [
        pod
        for pod in cluster.list(POD, namespace, labels=labels)
        if _owned_by(pod, replica_set) and "deletionTimestamp" not in pod["metadata"]
    ]
    return Snapshot(deployment, replica_set, tuple(sorted(pods, key=_name)))


def with_events(cluster: Cluster, snapshot: Snapshot) -> Snapshot:
    """The same with the events of some pods that are not ready."""
    waiting = [pod for pod in snapshot.pods if not is_ready(pod)][:_ASKED_PODS]
    events = {}
    for pod in waiting:
        fields = f"involvedObject.name={_name(pod)},involvedObject.uid={pod['metadata']['uid']}"
        events[_name(pod)] = tuple(cluster.list(EVENT, pod["metadata"]["namespace"], fields=fields))
    return replace(snapshot, events=events)


def newest(deployment: Obj, replica_sets: Sequence[Obj]) -> Obj | None:
    """The ReplicaSet of the Deployment's present template; the oldest where there are two, as the controller has it."""
    wanted = _template(deployment)
    twins = [rs for rs in replica_sets if _owned_by(rs, deployment) and _template(rs) == wanted]
    return min(twins, key=lambda rs: (rs["metadata"].get("creationTimestamp", ""), _name(rs)), default=None)


def is_ready(pod: Obj) -> bool:
    conditions = pod.get("status", {}).get("conditions") or []
    return any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)


def _template(obj: Obj) -> Obj:
    template: Obj = obj["spec"]["template"]
    metadata = dict(template.get("metadata") or {})
    labels = {k: v for k, v in (metadata.get("labels") or {}).items() if k != TEMPLATE_HASH}
    return {**template, "metadata": {**metadata, "labels": labels}}


def _owned_by(obj: Obj, owner: Obj) -> bool:
    references = obj["metadata"].get("ownerReferences") or []
    return any(reference.get("uid") == owner["metadata"]["uid"] for reference in references)


def _name(obj: Obj) -> str:
    return str(obj["metadata"]["name"])


def _no_deployment(cluster: Cluster, namespace: str, name: str) -> str:
    there = sorted(_name(obj) for obj in cluster.list(DEPLOYMENT, namespace))
    return f"There is no Deployment '{name}' in namespace '{namespace}'. " + (
        f"There are: {', '.join(there)}. Correct the name or the namespace."
        if there
        else "It has no Deployments at all; is the namespace right?"
    )
