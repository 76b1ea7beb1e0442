# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which way users take to a Service: the rules of routes that name it, whatever their kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..cluster import Obj
from ..traffic.openshiftroute import backend_refs
from ..traffic.virtualservice import host_key
from .world import ROUTES, World, name_of


@dataclass(frozen=True, slots=True)
class Arm:
    """One backend of a rule: `option` is what `route.backends` says of it, `entry` the object's own words."""

    service: str
    weight: int
    option: Mapping[str, Any]
    entry: Obj = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """`path` is where the rule's list of backends lies in the object."""

    kind: str
    route: Obj = field(repr=False)
    name: str
    path: tuple[str | int, ...]
    arms: tuple[Arm, ...]
    matches: bool  # whether it is for some of the requests only

    @property
    def title(self) -> str:
        return f"{self.kind} {name_of(self.route)}"

    def arm(self, service: str) -> Arm | None:
        return next((arm for arm in self.arms if arm.service == service), None)


def all_rules(world: World) -> Iterator[Rule]:
    for kind, api in ROUTES.items():
        for route in world.all(api):
            yield from rules_of(kind, route, world.namespace)


def rules_of(kind: str, route: Obj, namespace: str) -> Iterator[Rule]:
    if kind == "openshiftroute":
        arms = tuple(_by_name(ref, namespace, 100) for _path, ref in backend_refs(route))
        yield Rule(kind, route, "", ("spec",), arms, bool(route["spec"].get("path", "/") != "/"))
        return
    field_name, list_name = ("http", "route") if kind == "virtualservice" else ("rules", "backendRefs")
    for i, rule in enumerate(route.get("spec", {}).get(field_name) or []):
        entries = rule.get(list_name) or []
        if kind == "virtualservice":
            arms = tuple(_by_host(entry, namespace, len(entries) == 1) for entry in entries)
        else:
            arms = tuple(_by_name(entry, namespace, 1) for entry in entries)
        matches = any(not _is_all(match) for match in rule.get("match") or rule.get("matches") or [])
        yield Rule(kind, route, rule.get("name", ""), ("spec", field_name, i, list_name), arms, matches)


def _by_name(ref: Obj, namespace: str, absent: int) -> Arm:
    mine = (ref.get("kind") or "Service") == "Service" and ref.get("namespace", namespace) == namespace
    weight = ref.get("weight")
    service = str(ref.get("name", "")) if mine else ""
    return Arm(service, absent if weight is None else weight, {"service": service}, ref)


def _by_host(entry: Obj, namespace: str, alone: bool) -> Arm:
    destination = entry.get("destination", {})
    key = host_key(destination.get("host", ""), namespace)
    service = key[0] if len(key) == 2 and key[1] == namespace else ""
    option = {"service": service} | ({"subset": destination["subset"]} if "subset" in destination else {})
    return Arm(service, 100 if alone else entry.get("weight", 0), option, entry)


def _is_all(match: Obj) -> bool:
    """A match that fits every request, as controllers write it where nothing is said."""
    uri = match.get("uri") or match.get("path") or {}
    prefix = uri.get("prefix") or (uri.get("value") if uri.get("type", "PathPrefix") == "PathPrefix" else None)
    return prefix in (None, "/") and not set(match) - {"uri", "path"}
