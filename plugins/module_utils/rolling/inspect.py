# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The preflight of a rolling update: refuse all that can be refused at once, and say what is going to happen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..clock import Clock
from ..cluster import ENDPOINT_SLICE, POD, SERVICE, Cluster, ClusterError, Obj
from ..gate.suggest import OptionError
from ..labels import join_labels, match_labels
from ..preflight.images import HttpFactory, Pinned, pin, same_release
from ..preflight.inspect import Preflight
from ..preflight.permissions import Permission, ask, every_rollout, permission_problems, verbs
from ..preflight.problem import Problem
from ..preflight.wish import Wish, parse_image
from ..preflight.workloads import leaving_notes
from ..registry.image import Image, short_name
from ..registry.options import RegistryOptions
from ..workload.kinds import WORKLOADS
from ..workload.progress import progress_of
from ..workload.snapshot import Snapshot, name_of, template
from . import limits, rest
from .assemble import read_former
from .checks import ask_for_present
from .former import Former, digest
from .options import parse_pace
from .pace import Pace, describe, pace_fields
from .view import QUOTA, View, read
from .writer import Goal, Writer, is_ours


def inspect(cluster: Cluster, params: Mapping[str, Any], connect: HttpFactory, clock: Clock) -> Preflight:
    """Read only. Raises ClusterError only when the API server cannot be asked at all."""
    permissions = ask(cluster, needed(params))
    problems = permission_problems(permissions)
    view = read(cluster, params["kind"], params["namespace"], params["name"], params.get("service") or "")
    problems += view.problems
    obj = view.snapshot.workload if view.snapshot is not None else None
    container = ""
    if obj is not None:
        container, found = rest.container_name(obj, params.get("container") or "")
        problems += found
    image, found = parse_image(params.get("image"))
    pinned = pin(cluster, _wish(params, image, container), obj, connect) if image is not None else Pinned()
    problems += [*found, *pinned.problems]
    notes = list(pinned.notes)
    facts: dict[str, Any] = {}
    if view.snapshot is not None:
        found, told, facts = _judge(cluster, params, view, view.snapshot, clock, container, pinned.image)
        problems += found
        notes += told
    return Preflight(tuple(problems), tuple(notes), tuple(permissions), facts)


def needed(params: Mapping[str, Any]) -> list[Permission]:
    """Every verb that the rollout needs, the way back included."""
    there, own, source = WORKLOADS[params["kind"]], params["namespace"], params.get("source") or {}
    asks_pods = source.get("type") == "pods" and source.get("via") == "proxy"
    wanted = [
        *verbs(own, there.kind, "get", "list", "patch", "watch"),
        *verbs(own, there.revisions, "list"),
        *verbs(own, QUOTA, "list"),
        *every_rollout(
            own,
            pods_proxy=asks_pods or bool(params.get("pods_proxy")),
            service_proxy=bool(params.get("service_proxy")),
        ),
    ]
    if params["kind"] == "StatefulSet":
        wanted += verbs(own, POD, "delete")
    if params.get("service"):
        wanted += [*verbs(own, SERVICE, "get"), *verbs(own, ENDPOINT_SLICE, "list")]
    return wanted


def _wish(params: Mapping[str, Any], image: Image | None, container: str) -> Wish:
    """As the registry look-up of other preflights takes it."""
    name = params["name"]
    return Wish(params["namespace"], image, container, name, name, None, (), RegistryOptions.parse(params))


def _judge(
    cluster: Cluster,
    params: Mapping[str, Any],
    view: View,
    snapshot: Snapshot,
    clock: Clock,
    container: str,
    pinned: str,
) -> tuple[list[Problem], list[str], dict[str, Any]]:
    obj = snapshot.workload
    try:
        pace = parse_pace(params)
    except OptionError as error:
        option, _is, said = str(error).partition(" ")
        return [Problem(option, said)], [], {}
    pods = progress_of(snapshot).desired
    ours = bool(params.get("open")) and is_ours(obj)
    problems: list[Problem] = [
        *rest.strategy_problems(obj),
        *rest.rest_problems(snapshot, ours=ours or bool(params.get("open"))),
        *rest.service_problems(obj, view.service),
        *rest.pace_problems(obj, pace),
    ]
    wanted = limits.steps(obj, pace, pods)
    problems += limits.budget_problems(obj, wanted, list(view.budgets))
    problems += limits.quota_problems(obj, wanted, list(view.quotas))
    found, told = ask_for_present(cluster, params, snapshot, clock)
    problems += found
    told = [*told, *limits.host_port_notes(obj, pace), *_scalers(obj, view), *leaving_notes(name_of(obj), obj)]
    told += rest.tempo_notes(obj, pace, params["timeout"])
    if not container or not pinned:
        return problems, told, {}
    try:
        facts = _facts(params, snapshot, Writer(cluster, *_where(params), clock), container, pinned, pace)
    except (ClusterError, OptionError) as error:
        return [*problems, Problem("image", f"the API server would not take it: {error}")], told, {}
    return problems, told, facts


def _where(params: Mapping[str, Any]) -> tuple[str, str, str]:
    return params["kind"], params["namespace"], params["name"]


def _scalers(obj: Obj, view: View) -> list[str]:
    targets = [(hpa, hpa["spec"].get("scaleTargetRef") or {}) for hpa in view.autoscalers]
    mine = [hpa for hpa, to in targets if (to.get("kind"), to.get("name")) == (obj["kind"], name_of(obj))]
    return [f"HPA {name_of(hpa)} goes on scaling it as it likes; its pods count as they come." for hpa in mine]


def _facts(
    params: Mapping[str, Any],
    snapshot: Snapshot,
    writer: Writer,
    container: str,
    pinned: str,
    pace: Pace,
) -> dict[str, Any]:
    """What the tasks that follow need. Raises ClusterError: the API server is asked what it makes of the release."""
    obj, progress = snapshot.workload, progress_of(snapshot)
    asked = str(Image.parse(params["image"]))
    now = read_former(snapshot, container)
    opened = Former.parse(params["open"]) if params.get("open") else None
    goal = Goal(container, pinned, asked, pace_fields(obj, pace), params.get("template") or {})
    given = digest(writer.filled(obj, goal)) == digest(template(obj))
    former = opened or now
    live = short_name(former.release)
    title = f"{params['kind']} {params['namespace']}/{params['name']}"
    facts: dict[str, Any] = {
        "namespace": params["namespace"],
        "kind": params["kind"],
        "container": container,
        "image": pinned,
        "release": asked,
        "title": short_name(asked),
        "already_live": given and progress.done and opened is None,
        "same_image": same_release(pinned, now.image),
        "former": former.as_dict(),
        "stable": {"name": params["name"], "image": former.image, "release": former.release, "title": live},
        "replicas": progress.desired,
        "selector": join_labels(match_labels(obj)),
    }
    if facts["already_live"]:
        facts["plan"] = [f"{facts['title']} is live on {title} already: nothing to do."]
    else:
        facts["plan"] = [
            f"Release  {asked}, pinned as {pinned.rpartition('@')[2][:19]}",
            f"On       {title}, container {container}: {progress.desired} pods of {live}",
            f"Pace     {describe(obj, pace, progress.desired)}",
            f"Back to  {former.revision or 'the former template'} ({former.digest[:12]}), should it fail",
        ]
    return facts
