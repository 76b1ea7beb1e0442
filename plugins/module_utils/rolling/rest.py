# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a workload is at rest, and of a sort that rolls."""

from __future__ import annotations

from collections.abc import Iterator

from ..cluster import Obj
from ..labels import join_labels, selects, template_labels
from ..preflight.problem import Problem, one_of
from ..workload.progress import Progress, progress_of
from ..workload.snapshot import Snapshot, name_of
from .former import STOPPED
from .pace import FIELDS, Pace

ROLLBACK = "ansible-playbook playbooks/rollback.yml with the same inventory"


def container_name(obj: Obj, wanted: str) -> tuple[str, list[Problem]]:
    """The container that gets the image: the one named, or the only one there is."""
    names = [one["name"] for one in obj["spec"]["template"]["spec"]["containers"]]
    title = f"{obj['kind']} {name_of(obj)}"
    if wanted and wanted not in names:
        found = f"{title} has no container '{wanted}'"
        return "", [Problem("container", found, one_of(wanted, names), "correct the name")]
    if not wanted and len(names) > 1:
        found = f"{title} has {len(names)} containers and none is named"
        return "", [Problem("container", found, one_of("app", names), "name the one that gets the image")]
    return wanted or names[0], []


def strategy_problems(obj: Obj) -> Iterator[Problem]:
    """What its owner has chosen so that it does not roll by itself, which is not for us to change."""
    if STOPPED in (obj["metadata"].get("annotations") or {}):
        return  # what is there is what a rollout of ours has stopped it by
    field, title = FIELDS[obj["kind"]], f"{obj['kind']} {name_of(obj)}"
    strategy = obj["spec"].get(field) or {}
    if strategy.get("type") == "Recreate":
        found = f"{title} has the strategy Recreate, so all its pods would end before the first new one starts"
        yield Problem("name", found, "RollingUpdate", "if two versions can run side by side, set strategy.type")
    if strategy.get("type") == "OnDelete":
        found = f"{title} has the updateStrategy OnDelete, so nothing would be rolled out"
        yield Problem("name", found, "RollingUpdate", "set updateStrategy.type, if pods may be replaced by themselves")
    partition = int((strategy.get("rollingUpdate") or {}).get("partition") or 0)
    if partition and obj["kind"] == "StatefulSet":
        found = f"{title} has the partition {partition}, so somebody keeps its first pods on a former template"
        yield Problem("name", found, "partition 0", "let the rollout it belongs to end, or set the partition to 0")


def rest_problems(snapshot: Snapshot, *, ours: bool) -> Iterator[Problem]:
    """`ours`: what is under way is the very rollout that is asked for, cut off before."""
    obj, progress = snapshot.workload, progress_of(snapshot)
    title, namespace = f"{obj['kind']} {name_of(obj)}", obj["metadata"]["namespace"]
    if ours:
        return
    notes = obj["metadata"].get("annotations") or {}
    if notes.get(STOPPED):
        found = f"{title} was stopped by a rollout that did not come to its end ({notes[STOPPED]})"
        yield Problem("name", found, "a workload at rest", f"take it back: {ROLLBACK}")
    elif obj["spec"].get("paused"):
        remedy = f"find out who paused it; then: kubectl -n {namespace} rollout resume deployment/{name_of(obj)}"
        yield Problem("name", f"{title} is paused, so a new image would not be rolled out", "", remedy)
    if progress.desired == 0:
        yield Problem("name", f"{title} has no pods, so nobody is served", "at least 1", "scale it out")
    elif not progress.done:
        yield _under_way(snapshot, progress)


def _under_way(snapshot: Snapshot, progress: Progress) -> Problem:
    obj = snapshot.workload
    title, kind = f"{obj['kind']} {name_of(obj)}", obj["kind"].lower()
    moving = progress.old or progress.updated != progress.desired or not progress.observed
    found = f"a rollout of {title} is in flight" if moving else f"{title} is not healthy"
    namespace = obj["metadata"]["namespace"]
    remedy = f"wait for it: kubectl -n {namespace} rollout status {kind}/{name_of(obj)}"
    return Problem("name", f"{found}: {progress.describe()}", "a workload at rest", remedy)


def service_problems(obj: Obj, service: Obj | None) -> Iterator[Problem]:
    if service is None:
        return
    selector = service["spec"].get("selector") or {}
    if not selector or not selects({"matchLabels": selector}, template_labels(obj)):
        found = (
            f"Service {name_of(service)} selects {join_labels(selector) or 'nothing'}, and pods of {obj['kind']} "
            f"{name_of(obj)} have {join_labels(template_labels(obj))}"
        )
        yield Problem("service", found, "a Service that users reach these pods by", "name the right Service")


def tempo_notes(obj: Obj, pace: Pace, timeout: float) -> Iterator[str]:
    """What the workload's own times mean for a rollout."""
    spec = obj["spec"]
    ready = pace.min_ready if pace.min_ready is not None else int(spec.get("minReadySeconds", 0))
    if ready == 0:
        yield (
            "minReadySeconds is 0: a new pod counts as soon as it is ready, and the next is replaced. With "
            "min_ready_seconds the gate has that long for each pod."
        )
    if obj["kind"] == "Deployment":
        deadline = int(spec.get("progressDeadlineSeconds", 600))
        if deadline < timeout:
            yield f"Without any progress it ends after {deadline} s already (progressDeadlineSeconds)."


def pace_problems(obj: Obj, pace: Pace) -> Iterator[Problem]:
    if obj["kind"] == "Deployment" and pace.min_ready is not None:
        deadline = int(obj["spec"].get("progressDeadlineSeconds", 600))
        if pace.min_ready >= deadline:
            found = f"{pace.min_ready} is not below progressDeadlineSeconds of Deployment {name_of(obj)} ({deadline})"
            yield Problem("min_ready_seconds", found, f"less than {deadline}", "lower it")
