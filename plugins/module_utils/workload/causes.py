# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that is known of why a workload does not come, the most telling first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..cluster import Obj
from .cause import AT_ONCE, Cause, shorten
from .containers import container_causes
from .events import since_written
from .pods import pod_causes
from .progress import Progress
from .snapshot import Snapshot, is_ready

_REFUSED = 15.0  # seconds: quota may become free as pods end, a ServiceAccount may be about to come
_DEADLINE = 2.0  # seconds: a rollback to a known template can show the former rollout's verdict for a moment
_FINAL_REFUSAL = re.compile(r"violates PodSecurity|admission webhook .* denied|is invalid:", re.IGNORECASE | re.DOTALL)
_ORDER = (
    *("paused", "replicas", "refused", "image", "config", "start", "oom", "crash", "volume", "unschedulable"),
    *("sandbox", "evicted", "probe", "deadline"),
)


def causes_of(snapshot: Snapshot, progress: Progress, max_restarts: int) -> list[Cause]:
    """Causes in the order of how much they tell; empty while there is nothing but waiting."""
    found = [*_workload_causes(snapshot, progress)]
    for pod in snapshot.pods:
        if not is_ready(pod):
            events = snapshot.events.get(pod["metadata"]["name"], ())
            found += container_causes(pod, events, max_restarts)
            found += pod_causes(pod, events)
    return sorted(found, key=lambda cause: (_ORDER.index(cause.kind), cause.patience))


def _workload_causes(snapshot: Snapshot, progress: Progress) -> Iterator[Cause]:
    if snapshot.workload.get("kind", "Deployment") == "Deployment":
        yield from _deployment_causes(snapshot.workload, progress)
    else:
        yield from _set_causes(snapshot, progress)


def _deployment_causes(deployment: Obj, progress: Progress) -> Iterator[Cause]:
    name = deployment["metadata"]["name"]
    if deployment["spec"].get("paused"):
        namespace = deployment["metadata"].get("namespace", "")
        yield Cause(
            "paused",
            f"Deployment {name} is paused, so its new template is not rolled out; resume it with: "
            f"kubectl -n {namespace} rollout resume deployment/{name}.",
            AT_ONCE,
        )
    if not progress.observed:
        return  # what the conditions say is about a former generation
    for condition in (deployment.get("status") or {}).get("conditions") or []:
        message = condition.get("message", "")
        if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True":
            yield _refused(f"Deployment {name}", message)
        if condition.get("type") == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            seconds = deployment["spec"].get("progressDeadlineSeconds", 600)
            text = f"Deployment {name} made no progress for {seconds} s (its progressDeadlineSeconds)."
            yield Cause("deadline", text, _DEADLINE)


def _set_causes(snapshot: Snapshot, progress: Progress) -> Iterator[Cause]:
    """Of a StatefulSet or DaemonSet: it has no conditions, so events tell, and only while pods are missing."""
    obj = snapshot.workload
    title = f"{obj['kind']} {obj['metadata']['name']}"
    if (obj["spec"].get("updateStrategy") or {}).get("type") == "OnDelete":
        text = f"{title} has the updateStrategy OnDelete, so its pods keep their former template until somebody deletes"
        yield Cause("paused", f"{text} them; set it to RollingUpdate.", AT_ONCE)
    if not progress.observed or progress.updated >= progress.desired:
        return
    refusals = [event for event in since_written(obj, snapshot.own) if event.get("reason") == "FailedCreate"]
    if refusals:
        yield _refused(title, refusals[0].get("message", ""))


def _refused(title: str, message: str) -> Cause:
    patience = AT_ONCE if _FINAL_REFUSAL.search(message) else _REFUSED
    return Cause("refused", f"The cluster refuses pods of {title}: {shorten(message)}.", patience)
