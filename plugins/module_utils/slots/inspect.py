# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The preflight of a blue-green release: read everything, refuse what can be refused, say what would happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..cluster import (
    DEPLOYMENT,
    ENDPOINT_SLICE,
    GRPC_ROUTE,
    HPA,
    HTTP_ROUTE,
    REPLICA_SET,
    SERVICE,
    VIRTUAL_SERVICE,
    Cluster,
    Kind,
    Obj,
)
from ..preflight.images import HttpFactory, other_repository, pin
from ..preflight.inspect import Preflight
from ..preflight.permissions import Permission, ask, every_rollout, of_gate, permission_problems, verbs
from ..preflight.problem import Problem
from ..preflight.view import View
from ..preflight.wish import Wish, parse_image
from ..preflight.workloads import container_name
from ..registry.image import Image
from ..registry.options import RegistryOptions
from ..traffic.errors import TrafficError
from .facts import facts_of
from .look import SlotView, look
from .plan import plan_lines
from .problems import Policy, slot_notes, slot_problems
from .spec import SwitchSpec, parse_switch
from .template import differences, without_patch

Metrics = Callable[[View, Mapping[str, str]], tuple[list[Problem], list[str]]]
_SWITCHES: Mapping[str, Kind] = {
    "service": SERVICE,
    "virtualservice": VIRTUAL_SERVICE,
    "httproute": HTTP_ROUTE,
    "grpcroute": GRPC_ROUTE,
}


def inspect(
    cluster: Cluster, params: Mapping[str, Any], connect: HttpFactory, metrics: Metrics | None = None
) -> Preflight:
    """Read only. Raises ClusterError only when the API server cannot be asked at all."""
    image, problems = parse_image(params["image"])
    try:
        switch = parse_switch(params)
    except TrafficError as error:
        return Preflight((*problems, Problem("switch", str(error))))
    permissions = ask(cluster, _needed(switch, params))
    problems += permission_problems(permissions)
    seen = look(cluster, switch)
    problems += seen.problems
    policy = parse_policy(params)
    wish = _wish(params, switch, seen, image)
    pinned = pin(cluster, wish, seen.view.stable, connect)
    problems += pinned.problems
    if seen.view.stable is None or seen.view.canary is None:
        return Preflight(tuple(problems), pinned.notes, tuple(permissions))
    found = differences(*_bare(wish, seen.view.stable, seen.view.canary, params), policy.may_differ)
    problems += slot_problems(wish, seen, policy, found)
    notes = [*pinned.notes, *slot_notes(wish, seen, policy, found)]
    facts = facts_of(wish, seen, policy, params, pinned.image, found)
    if metrics is not None:
        more, told = metrics(seen.view, params.get("subject") or facts["subject"])
        problems += more
        notes += told
    if note := other_repository(pinned.image, facts["live"]["image"]):
        notes.append(note.replace("Stable", seen.slot_live.capitalize()))
    facts["stable"] = facts["live"]  # what a refusal tells people first
    if not problems:
        facts["plan"] = plan_lines(switch, facts)
    return Preflight(tuple(problems), tuple(notes), tuple(permissions), facts)


def needed(switch: SwitchSpec, *, proxy: bool, preview: bool = False, service_proxy: bool = False) -> list[Permission]:
    """Every verb of a blue-green release. `preview`: a Service is made to reach the idle slot."""
    own = switch.route.namespace
    services = ["list"] if switch.kind == "service" else ["get", "list", *(["patch"] if preview else [])]
    return [
        *verbs(own, _SWITCHES[switch.kind], "get", "patch"),
        *verbs(own, DEPLOYMENT, "get", "list", "patch", "watch"),
        *verbs(own, REPLICA_SET, "list"),
        *verbs(own, ENDPOINT_SLICE, "list"),
        *verbs(own, HPA, "get", "patch"),
        *verbs(own, SERVICE, *services),
        *every_rollout(own, pods_proxy=proxy, service_proxy=service_proxy),
    ]


def _needed(switch: SwitchSpec, params: Mapping[str, Any]) -> list[Permission]:
    asked = {"proxy": params["pods_proxy"], "service_proxy": params["service_proxy"]}
    own = of_gate(switch.route.namespace, params.get("gate") or {})
    return [*needed(switch, preview=bool(params["preview"]), **asked), *own]


def parse_policy(params: Mapping[str, Any]) -> Policy:
    return Policy(
        differences=params["differences"],
        may_differ=tuple(params["may_differ"]),
        keep=params["keep_replicas"],
        hpa_follows=params["hpa_follows"],
    )


def _bare(wish: Wish, live: Obj, idle: Obj, params: Mapping[str, Any]) -> tuple[Obj, Obj, str]:
    """Both slots without what the configuration sets on them, and the app's container."""
    name = container_name(wish, live)
    mine, theirs = (without_patch(one, params["template"], name) for one in (live, idle))
    return mine, theirs, name


def _wish(params: Mapping[str, Any], switch: SwitchSpec, seen: SlotView, image: Image | None) -> Wish:
    """In the words of the canary's preflight: the live slot is stable, the idle one the canary."""
    return Wish(
        namespace=switch.route.namespace,
        image=image,
        container=params.get("container") or "",
        stable=seen.deployment_name(seen.slot_live),
        canary=seen.deployment_name(seen.slot_idle),
        route=None,
        stages=(),
        registry=RegistryOptions.parse(params),
        config=params["config"],
    )
