# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the module adopt_info does, from options to result: it reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..clock import Clock
from ..cluster import HPA, Cluster, Obj
from ..gate.source_options import parse_http
from ..gate.sources.http import JsonClient
from ..gate.sources.source import SourceError
from ..gate.suggest import OptionError
from .app import App, find_app, selects_pods
from .design import Design, Wish, design
from .exposed import read_metrics
from .metrics import Found, find_checks
from .probes import probe_paths, user_port
from .scraped import Known, ask_prometheus, series_of
from .text import Entry, render
from .world import NETWORK_POLICY, AdoptError, World, name_of, read_world, ready_pods

# Options of a gate's source that are not asked for here.
UNSAID: Mapping[str, Any] = {"type": "prometheus", "headers": {}, "secret_headers": {}, "parameters": {}}
ERRORS = {"name": "errors", "template": "error_rate", "metrics": "app", "max": 0.01}


@dataclass(frozen=True, slots=True)
class Metrics:
    """Source and checks, and what is to be said of each."""

    source: Mapping[str, Any]
    found: Found
    notes: tuple[str, ...]
    questions: tuple[str, ...]


def adopt(cluster: Cluster, params: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    """The module's result. Raises AdoptError, ClusterError."""
    world = read_world(cluster, params["namespace"])
    app = find_app(world, params["app"])
    route = params.get("route") or {}
    wish = Wish(route.get("kind") or "", route.get("gateway") or "", tuple(route.get("hosts") or ()))
    plan = design(world, app, wish)
    metrics = _metrics(cluster, app, plan, params, clock)
    entries = _entries(world, app, plan, metrics)
    questions = [*(one for entry in entries for one in entry.questions), *_unread(world)]
    return {
        "changed": False,
        "app": app.base,
        "variables": render(f"{app.base}: what it consists of, how users reach it, what is well.", entries),
        "objects": [one.as_dict() for one in plan.wanted],
        "questions": questions,
        "msg": _summary(app, plan, questions),
    }


def _entries(world: World, app: App, plan: Design, metrics: Metrics) -> list[Entry]:
    missing = sorted({one.what for one in plan.wanted})
    there = (
        () if not missing else (f"not all there yet: slipway_adopt_create={','.join(missing)} makes what is missing",)
    )
    smoke = probe_paths(_container(app.stable))
    return [
        Entry("slipway_namespace", world.namespace),
        Entry("slipway_app", app.base),
        Entry("slipway_stable", app.name),
        Entry("slipway_canary", plan.canary, _about_canary(world, app, plan)),
        _container_entry(app.stable),
        Entry(
            "slipway_route",
            plan.route,
            (*plan.notes, *there),
            plan.questions,
            None if plan.route else {"kind": "httproute", "name": app.base, "backends": "…"},
        ),
        Entry("slipway_service", plan.service, ("for rolling.yml: all pods must be behind it at the end",)),
        _switch(app),
        Entry(
            "slipway_smoke_tests",
            [path.as_test() for path in smoke] or None,
            ("what the kubelet asks; add one real request",) if smoke else (),
            () if smoke else ("Which path says that a pod is well? The pods have no probe by HTTP.",),
            [{"path": "/health"}],
        ),
        Entry("slipway_source", metrics.source, metrics.notes, metrics.questions),
        Entry("slipway_observe_metrics", metrics.found.observe or None),
        Entry(
            "slipway_checks",
            list(metrics.found.checks) or None,
            metrics.found.notes,
            metrics.found.questions,
            [ERRORS],
        ),
    ]


def _about_canary(world: World, app: App, plan: Design) -> tuple[str, ...]:
    notes = []
    if not app.canary:
        labels = ", ".join(f"{key}={value}" for key, value in plan.own.items())
        notes.append(f"its pods get {labels}, which no Service of {app.name} selects")
    hpas = [name_of(one) for one in world.all(HPA) if one["spec"]["scaleTargetRef"]["name"] == app.name]
    if hpas:
        notes.append(f"HPA {', '.join(hpas)} scales {app.name}; a rollout keeps its floor up until it has ended")
    policies = [name_of(one) for one in world.all(NETWORK_POLICY) if one["spec"].get("podSelector")]
    if policies and not app.canary:
        notes.append(f"look whether NetworkPolicies mean the canary's pods too: {', '.join(policies)}")
    return tuple(notes)


def _container(deployment: Obj) -> Obj:
    """The one that gets the image: the one that serves users, where there are several."""
    containers = deployment["spec"]["template"]["spec"]["containers"]
    found: Obj = next((one for one in containers if len(containers) > 1 and user_port(one)), containers[0])
    return found


def _container_entry(deployment: Obj) -> Entry:
    containers = [one["name"] for one in deployment["spec"]["template"]["spec"]["containers"]]
    if len(containers) == 1:
        return Entry("slipway_container", containers[0])
    question = f"Is this the container that gets the image? There are {', '.join(containers)}."
    return Entry("slipway_container", _container(deployment)["name"], (), (question,))


def _switch(app: App) -> Entry:
    """For blue-green: the Service that tells one slot from the other."""
    notes = ("for blue_green.yml: the Service that says which slot is live",)
    example = {
        "name": app.base,
        "slots": {"blue": {"deployment": app.name}, "green": {"deployment": f"{app.base}-green"}},
    }
    green = app.green
    telling = [one for one in app.services if green and not selects_pods(one, green)]
    if green is None or not telling:
        question = "Is there a second Deployment to switch to? canary.yml and rolling.yml need none."
        return Entry("slipway_switch", None, notes, (question,), example)
    service = min(telling, key=lambda one: (name_of(one) != app.base, len(name_of(one))))
    slots = {"blue": {"deployment": app.name}, "green": {"deployment": name_of(green)}}
    return Entry("slipway_switch", {"name": name_of(service), "slots": slots}, notes)


def _metrics(cluster: Cluster, app: App, plan: Design, params: Mapping[str, Any], clock: Clock) -> Metrics:
    exposed = read_metrics(cluster, ready_pods(cluster, app.stable))
    paths = [path.path for path in probe_paths(_container(app.stable))]
    found = find_checks(exposed.lines, paths) if exposed.lines else Found()
    notes = (f"the pods' own metrics, {exposed.where}",) if exposed.where else ()
    if not params.get("prometheus"):
        question = "Is there a Prometheus that has these? {type: prometheus, url: …} also answers PromQL."
        return Metrics(exposed.source, found, notes, (*exposed.questions, question))
    known = _ask_prometheus(params, found, plan, clock)
    if known.usable:
        url = {"type": "prometheus", "url": params["prometheus"]["url"]}
        secret = () if not _has_secret(params["prometheus"]) else ("Where is the token kept? Take it from a vault.",)
        return Metrics(url, found, known.notes, secret)
    return Metrics(exposed.source, found, notes, (*exposed.questions, *known.questions))


def _ask_prometheus(params: Mapping[str, Any], found: Found, plan: Design, clock: Clock) -> Known:
    try:
        client = JsonClient("Prometheus", parse_http({**UNSAID, **params["prometheus"]}))
        place = f"Prometheus at {client.address}"
        return ask_prometheus(series_of(client, clock), place, found.metrics, params["namespace"], plan.selector)
    except (OptionError, SourceError) as error:
        raise AdoptError(f"prometheus: {error}") from error


def _has_secret(options: Mapping[str, Any]) -> bool:
    return any(options.get(name) for name in ("token", "password"))


def _unread(world: World) -> list[str]:
    if not world.unread:
        return []
    return [f"What is there of {', '.join(world.unread)}? These credentials may not list them."]


def _summary(app: App, plan: Design, questions: list[str]) -> str:
    way = f"{plan.route['kind']} {plan.route['name']}" if plan.route else "a way that was not found"
    missing = f" Missing: {', '.join(one.title for one in plan.wanted)}." if plan.wanted else ""
    asked = f" {len(questions)} question{'s' if len(questions) != 1 else ''}." if questions else ""
    return f"{app.name} serves users by {way}; its canary is {plan.canary}.{missing}{asked}"
