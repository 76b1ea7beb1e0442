# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The preflight of a blue-green release: read everything, refuse what can be refused, say what would happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..cluster import (
    CONFIG_MAP,
    DEPLOYMENT,
    ENDPOINT_SLICE,
    EVENT,
    GRPC_ROUTE,
    HPA,
    HTTP_ROUTE,
    LEASE,
    PDB,
    POD,
    REPLICA_SET,
    SERVICE,
    VIRTUAL_SERVICE,
    Cluster,
    Kind,
)
from ..preflight.images import HttpFactory, other_repository, pin
from ..preflight.inspect import Preflight
from ..preflight.permissions import Permission, ask, permission_problems
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
from .template import differences

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
    permissions = ask(cluster, needed(switch, proxy=params["pods_proxy"]))
    problems += permission_problems(permissions)
    seen = look(cluster, switch)
    problems += seen.problems
    policy = parse_policy(params)
    wish = _wish(params, switch, seen, image)
    pinned = pin(cluster, wish, seen.view.stable, connect)
    problems += pinned.problems
    if seen.view.stable is None or seen.view.canary is None:
        return Preflight(tuple(problems), pinned.notes, tuple(permissions))
    found = differences(seen.view.stable, seen.view.canary, container_name(wish, seen.view.stable), policy.may_differ)
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


def needed(switch: SwitchSpec, *, proxy: bool) -> list[Permission]:
    """Every verb of a blue-green release."""
    own = switch.route.namespace
    wanted = {
        _SWITCHES[switch.kind]: ("get", "patch"),
        DEPLOYMENT: ("get", "list", "patch", "watch"),
        REPLICA_SET: ("list",),
        POD: ("list", "watch"),
        EVENT: ("list",),
        ENDPOINT_SLICE: ("list",),
        HPA: ("get", "list", "patch"),
        LEASE: ("create", "get", "patch"),
        CONFIG_MAP: ("create", "get", "patch"),
        PDB: ("list",),
    }
    permissions = [Permission(verb, kind, own) for kind, verbs in wanted.items() for verb in verbs]
    services = ("list",) if switch.kind == "service" else ("get", "list")
    permissions += [Permission(verb, SERVICE, own) for verb in services]
    permissions.append(Permission("get", POD, own, "log"))
    return [*permissions, Permission("get", POD, own, "proxy")] if proxy else permissions


def parse_policy(params: Mapping[str, Any]) -> Policy:
    return Policy(
        differences=params["differences"],
        may_differ=tuple(params["may_differ"]),
        keep=params["keep_replicas"],
        hpa_follows=params["hpa_follows"],
    )


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
    )
