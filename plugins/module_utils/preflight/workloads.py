# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deployments: are they there, at rest, and told apart by their labels?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..cluster import Obj
from ..labels import join_labels, match_labels, selects, template_labels
from ..traffic.route import RouteState
from ..workload.progress import Progress, progress_of
from ..workload.snapshot import Snapshot
from .problem import Problem, one_of
from .view import View
from .wish import Wish

# Set on the canary when it keeps the release that stable had before: the image of that release.
KEPT = "slipway.rollout/kept"
ROLLBACK = "ansible-playbook playbooks/rollback.yml with the same inventory"


def workload_problems(wish: Wish, view: View, *, unfinished: bool) -> Iterator[Problem]:
    """`unfinished`: the canary that is out is this very release, and stable has it already."""
    there = [(field, obj) for field, obj in (("stable", view.stable), ("canary", view.canary)) if obj is not None]
    yield from _container(wish, there)
    for field, obj in there:
        yield from _paused(wish, field, obj)
    if view.stable is not None:
        yield from _stable_at_rest(wish, view.stable)
    if view.canary is not None and not unfinished:
        yield from _canary_at_rest(view.canary, view.route)
    if view.stable is not None and view.canary is not None:
        yield from _overlap(view.stable, view.canary)


def container_name(wish: Wish, deployment: Obj) -> str:
    """The container that gets the image: the one named, or the only one there is; "" where that is not clear."""
    names = _containers(deployment)
    if wish.container:
        return wish.container if wish.container in names else ""
    return names[0] if len(names) == 1 else ""


def container_of(wish: Wish, deployment: Obj) -> dict[str, Any]:
    name = container_name(wish, deployment)
    found = [c for c in deployment["spec"]["template"]["spec"]["containers"] if c["name"] == name]
    return found[0] if found else {}


def replicas_of(deployment: Obj) -> int:
    return int(deployment["spec"].get("replicas", 1))


def leaving_notes(who: str, workload: Obj) -> Iterator[str]:
    """Whether requests may be lost as its pods end: everybody who sends them has to take notice first."""
    containers = workload["spec"]["template"]["spec"]["containers"]
    if not any("preStop" in (one.get("lifecycle") or {}) for one in containers):
        yield (
            f"The pods of {who} have no preStop, so requests that arrive while they are told to end are lost, unless "
            "the program itself waits then. A preStop of some seconds lets everybody take notice first."
        )


def _containers(deployment: Obj) -> list[str]:
    return [container["name"] for container in deployment["spec"]["template"]["spec"]["containers"]]


def _container(wish: Wish, there: Sequence[tuple[str, Obj]]) -> Iterator[Problem]:
    """One problem for Deployments with the same containers."""
    lacking: dict[tuple[str, ...], list[str]] = {}
    for field, obj in there:
        if not container_name(wish, obj):
            lacking.setdefault(tuple(_containers(obj)), []).append(f"{obj['metadata']['name']} ({field})")
    for names, deployments in lacking.items():
        have = f"Deployment{'' if len(deployments) == 1 else 's'} {' and '.join(deployments)}"
        have += " has" if len(deployments) == 1 else " have"
        if wish.container:
            yield Problem(
                "container",
                f"{have} no container '{wish.container}'",
                one_of(wish.container, names),
                "correct the name",
            )
        else:
            found = f"{have} {len(names)} containers and none is named"
            yield Problem("container", found, one_of("app", names), "name the one that gets the image")


def _paused(wish: Wish, field: str, obj: Obj) -> Iterator[Problem]:
    if obj["spec"].get("paused"):
        name = obj["metadata"]["name"]
        remedy = f"find out who paused it; then: kubectl -n {wish.namespace} rollout resume deployment/{name}"
        yield Problem(field, f"Deployment {name} is paused, so a new image would not be rolled out", "", remedy)


def _counts(obj: Obj) -> Progress:
    return progress_of(Snapshot(obj))


def _stable_at_rest(wish: Wish, stable: Obj) -> Iterator[Problem]:
    name, counts, status = stable["metadata"]["name"], _counts(stable), stable.get("status") or {}
    if counts.desired == 0:
        yield Problem("stable", f"Deployment {name} has 0 replicas, so nobody is served", "at least 1", "scale it out")
    elif not counts.observed or counts.old or counts.updated < counts.desired:
        found = f"a rollout of Deployment {name} is in flight: {counts.updated} of {counts.desired} pods are new"
        remedy = f"wait for it: kubectl -n {wish.namespace} rollout status deployment/{name}"
        yield Problem("stable", found, "a Deployment at rest", remedy)
    elif any(c.get("type") == "Available" and c.get("status") == "False" for c in status.get("conditions") or []):
        available = int(status.get("availableReplicas", 0))
        found = f"Deployment {name} is not available: {available} of {counts.desired} pods are"
        remedy = f"make it healthy first: kubectl -n {wish.namespace} get pods -l {join_labels(match_labels(stable))}"
        yield Problem("stable", found, "a stable version that can take all users at any time", remedy)


def is_kept(deployment: Obj) -> bool:
    """Whether its pods are the former release, kept so that going back is quick."""
    kept = (deployment["metadata"].get("annotations") or {}).get(KEPT)
    return bool(kept) and any(one.get("image") == kept for one in deployment["spec"]["template"]["spec"]["containers"])


def _canary_at_rest(canary: Obj, route: RouteState | None) -> Iterator[Problem]:
    """Whatever the canary is at besides 0 pods and 0 % belongs to a rollout, of now or of before."""
    pods = 0 if is_kept(canary) else replicas_of(canary)
    weight = dict(route.split.weights).get("canary", 0) if route is not None else 0
    if pods == 0 and weight == 0:
        return
    found = f"a canary is out already: Deployment {canary['metadata']['name']} has {_pods(pods)}"
    if weight:
        found += f" and gets {weight} % of the traffic"
    if weight and route is not None and route.writers:
        found += f" (route last written by {route.writers[0].manager} at {route.writers[0].time})"
    remedy = f"if another rollout is under way, let it end; if it was left over, take it back: {ROLLBACK}"
    yield Problem("canary", found, "0 pods and 0 %", remedy)


def _pods(count: int) -> str:
    return f"{count} pod{'' if count == 1 else 's'}"


def _overlap(stable: Obj, canary: Obj) -> Iterator[Problem]:
    """Two Deployments whose selectors fit each other's pods take each other's pods for their own."""
    for field, one, other in (("stable", stable, canary), ("canary", canary, stable)):
        labels = template_labels(other)
        if selects(one["spec"].get("selector"), labels):
            selector = join_labels(match_labels(one))
            found = (
                f"the selector of Deployment {one['metadata']['name']} ({selector}) fits the pods of "
                f"{other['metadata']['name']} ({join_labels(labels)}) too"
            )
            remedy = "a selector cannot be changed: create the canary Deployment anew with a label of its own in both"
            yield Problem(field, found, "selectors that tell the two apart", remedy)
