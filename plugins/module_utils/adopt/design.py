# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stable and canary: what is which, and what is missing until users can be split between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..cluster import DEPLOYMENT, SERVICE, Obj
from ..labels import match_labels, selects, template_labels
from .app import App, selects_pods
from .distinct import canary_labels, shared_labels
from .objects import Wanted, arm_service, canary_deployment, new_route, weighted_rule
from .routing import Rule
from .world import GATEWAY, ISTIO_GATEWAY, AdoptError, World, name_of

WEIGHTED = ("httproute", "virtualservice")  # that are made anew


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user says of the route: its kind, and for a new one its gateway (NAMESPACE/NAME) and hosts."""

    kind: str = ""
    gateway: str = ""
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Design:
    """`route` is the option `route`, None where it is not known; `wanted` are objects that are not there yet.

    `service` is the one of stable, `selector` that of its pods as a gate has it; `own` are the canary's labels that
    stable's pods have not.
    """

    canary: str
    service: str
    selector: Mapping[str, str]
    own: Mapping[str, str]
    route: Mapping[str, Any] | None
    wanted: tuple[Wanted, ...] = field(repr=False)
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


def design(world: World, app: App, wish: Wish) -> Design:
    """Raises AdoptError."""
    if wish.kind == "replicas" or (not wish.kind and not app.rule and _shared(app)):
        return _by_replicas(world, app)
    if not app.services:
        raise AdoptError(
            f"No Service selects the pods of Deployment '{app.name}', so that it has no users to split. Name another, "
            "or create its Service."
        )
    return _Weighted(world, app, wish).design()


def _shared(app: App) -> list[Obj]:
    """Services that select both, from before or by the kind replicas."""
    return [one for one in app.services if app.canary and selects_pods(one, app.canary)]


def _by_replicas(world: World, app: App) -> Design:
    services = _shared(app) or list(app.services)
    if not services:
        raise AdoptError(f"No Service selects the pods of Deployment '{app.name}'. Create it.")
    service = min(services, key=lambda one: (name_of(one) not in (app.name, app.base), name_of(one)))
    before = template_labels(app.stable)
    wanted: tuple[Wanted, ...] = ()
    if app.canary:
        name, labels = name_of(app.canary), template_labels(app.canary)
    else:
        name = _free_name(world.all(DEPLOYMENT), f"{app.base}-canary")
        labels = shared_labels(before, match_labels(app.stable), service["spec"]["selector"])
        wanted = (canary_deployment(app.stable, name, labels),)
    backends = {"stable": {"deployment": app.name}, "canary": {"deployment": name}}
    route = {"kind": "replicas", "name": name_of(service), "backends": backends}
    note = "without a mesh the numbers of pods make the split: 10 % needs ten pods in all"
    return Design(name, name_of(service), match_labels(app.stable), _own(before, labels), route, wanted, (note,))


@dataclass(slots=True)
class _Weighted:
    """A route with weights, that is there or is to be."""

    world: World
    app: App
    wish: Wish
    wanted: list[Wanted] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def design(self) -> Design:
        name, labels = self._canary()
        before = template_labels(self.app.stable)
        route, selector, service = self._subsets(), match_labels(self.app.stable), self.app.services[0]
        if route is None:
            service = self._stable_service(labels)
            route, selector = self._route(service, self._canary_service(labels)), service["spec"]["selector"]
        for other in self.app.others:
            which = f"rule {other.name or other.path[2]} of " if other.path[1:] else ""
            self.questions.append(
                f"{which}{other.title} sends users to the app as well, and is not split. Is that right?"
            )
        return Design(
            name, name_of(service), selector, _own(before, labels), route, tuple(self.wanted), (), tuple(self.questions)
        )

    def _canary(self) -> tuple[str, Mapping[str, str]]:
        app = self.app
        if app.canary:
            return name_of(app.canary), template_labels(app.canary)
        name = _free_name(self.world.all(DEPLOYMENT), f"{app.base}-canary")
        labels = canary_labels(
            template_labels(app.stable), match_labels(app.stable), [one["spec"]["selector"] for one in app.services]
        )
        self.wanted.append(canary_deployment(app.stable, name, labels))
        return name, labels

    def _subsets(self) -> Mapping[str, Any] | None:
        """Both arms are subsets of one Service already."""
        rule = self.app.rule
        arms = [arm for arm in rule.arms if "subset" in arm.option] if rule else []
        if rule is None or len(arms) < 2:
            return None
        stable = max(arms, key=lambda arm: arm.weight)
        others = [arm for arm in arms if arm is not stable]
        canary = next((arm for arm in others if "canary" in arm.option["subset"]), others[0])
        return _option(rule, stable.option, canary.option)

    def _stable_service(self, labels: Mapping[str, str]) -> Obj:
        """The Service of stable alone; one that the route names already before others."""
        own = [one for one in self.app.services if not _selects(one, labels)]
        if not own:
            name = _free_name(self.world.all(SERVICE), f"{self.app.base}-stable")
            self.wanted.append(arm_service(self.app.services[0], name, match_labels(self.app.stable)))
            return self.wanted[-1].definition
        rule = self.app.rule
        return min(
            own,
            key=lambda one: (
                not (rule and rule.arm(name_of(one))),
                name_of(one) not in (self.app.name, self.app.base),
                len(name_of(one)),
            ),
        )

    def _canary_service(self, labels: Mapping[str, str]) -> str:
        before = template_labels(self.app.stable)
        own = [one for one in self.world.all(SERVICE) if _selects(one, labels) and not _selects(one, before)]
        if own:
            rule = self.app.rule
            return name_of(min(own, key=lambda one: (not (rule and rule.arm(name_of(one))), len(name_of(one)))))
        name = _free_name(self.world.all(SERVICE), f"{self.app.base}-canary")
        canary = self.app.canary
        mine = match_labels(canary) if canary else self.wanted[0].definition["spec"]["selector"]["matchLabels"]
        self.wanted.append(arm_service(self.app.services[0], name, mine))
        return name

    def _route(self, stable: Obj, canary: str) -> Mapping[str, Any] | None:
        rule, service = self.app.rule, name_of(stable)
        if rule is None or (self.wish.kind and self.wish.kind != rule.kind):
            return self._new_route(stable, canary)
        mine = rule.arm(service)
        if mine is None:
            named = ", ".join(arm.service for arm in rule.arms if arm.service)
            self.questions.append(
                f"{rule.title} sends users to {named}, which selects the canary's pods as well. Let it send them to "
                f"{service} (weight 100) and {canary} (weight 0)?"
            )
        elif rule.arm(canary) is None:
            self.wanted.append(weighted_rule(rule, service, canary))
        return _option(rule, mine.option if mine else {"service": service}, {"service": canary})

    def _new_route(self, stable: Obj, canary: str) -> Mapping[str, Any] | None:
        kind, service = self.wish.kind, name_of(stable)
        if kind not in WEIGHTED or not self.wish.gateway or not self.wish.hosts:
            self.questions.append(
                f"How do users come to Service {service}? No route names it. With slipway_adopt_route={{kind: "
                "httproute, gateway: NAMESPACE/NAME, hosts: [shop.example.com]} one is planned (kind "
                f"{' or '.join(WEIGHTED)}); {self._gateways()}"
            )
            return None
        port = int((stable["spec"].get("ports") or [{"port": 80}])[0]["port"])
        made = new_route(
            kind, self.app.stable, self.app.base, self.wish.gateway, list(self.wish.hosts), (service, canary), port
        )
        self.wanted.append(made)
        backends = {"stable": {"service": service}, "canary": {"service": canary}}
        return {"kind": kind, "name": self.app.base, "backends": backends}

    def _gateways(self) -> str:
        found = [
            f"{gateway['metadata']['namespace']}/{name_of(gateway)} ({word})"
            for word, kind in (("httproute", GATEWAY), ("virtualservice", ISTIO_GATEWAY))
            for gateway in self.world.all(kind)
        ]
        return f"gateways that were seen: {', '.join(found)}." if found else "no gateway was seen in the cluster."


def _option(rule: Rule, stable: Mapping[str, Any], canary: Mapping[str, Any]) -> dict[str, Any]:
    named = {"rule": rule.name} if rule.name else {}
    backends = {"stable": dict(stable), "canary": dict(canary)}
    return {"kind": rule.kind, "name": name_of(rule.route), **named, "backends": backends}


def _selects(service: Obj, labels: Mapping[str, str]) -> bool:
    selector = service["spec"].get("selector") or {}
    return bool(selector) and selects({"matchLabels": selector}, labels)


def _own(stable: Mapping[str, str], canary: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in canary.items() if stable.get(key) != value}


def _free_name(objects: Iterable[Obj] | Sequence[Obj], name: str) -> str:
    taken = {name_of(one) for one in objects}
    return next(one for one in (name, *(f"{name}-{i}" for i in range(2, 99))) if one not in taken)
