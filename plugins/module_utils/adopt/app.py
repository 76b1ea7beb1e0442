# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what the team names to what it runs: the Deployment that serves, its canary, their Services, their route."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..cluster import DEPLOYMENT, SERVICE, Obj
from ..labels import selects, template_labels
from .routing import Rule, all_rules
from .world import ROUTES, AdoptError, World, name_of, names_of

_STABLE_SUFFIX = re.compile(r"-(main|stable|primary)$")
_KINDS = ("deployment", "service", *ROUTES)
_ALIASES = {"deploy": "deployment", "svc": "service", "vs": "virtualservice", "route": "openshiftroute"}


@dataclass(frozen=True, slots=True)
class App:
    """`rule` splits, or could split, its traffic; `others` are rules beside it that send users there as well."""

    stable: Obj
    canary: Obj | None
    green: Obj | None
    services: tuple[Obj, ...]  # that select the pods of stable
    rule: Rule | None
    others: tuple[Rule, ...]

    @property
    def name(self) -> str:
        return name_of(self.stable)

    @property
    def base(self) -> str:
        """The name without what says that it is the one that serves."""
        return _STABLE_SUFFIX.sub("", self.name)


def find_app(world: World, reference: str) -> App:
    """`deployment/shop`, `service/shop`, `httproute/shop`, …, or a bare name. Raises AdoptError."""
    kind, _slash, name = reference.rpartition("/")
    kind = _ALIASES.get(kind.lower(), kind.lower())
    if kind and kind not in _KINDS:
        raise AdoptError(f"slipway_adopt is '{reference}'; write it as KIND/NAME with one of {', '.join(_KINDS)}.")
    for one in (kind,) if kind else _KINDS:
        if one == "deployment" and (stable := world.find(DEPLOYMENT, name)):
            return _app(world, stable, None)
        if one == "service" and (service := world.find(SERVICE, name)):
            return _app(world, _serving(world, service), None)
        if one in ROUTES and any(name_of(route) == name for route in world.all(ROUTES[one])):
            return _by_route(world, one, name)
    raise AdoptError(
        f"slipway_adopt is '{reference}', but namespace '{world.namespace}' has none. It has Deployments "
        f"{names_of(world.all(DEPLOYMENT))}; Services {names_of(world.all(SERVICE))}. Name one of them."
    )


def _by_route(world: World, kind: str, name: str) -> App:
    rules = [rule for rule in all_rules(world) if rule.kind == kind and name_of(rule.route) == name]
    arms = [arm for rule in rules for arm in rule.arms if arm.service]
    if not arms:
        raise AdoptError(f"{kind} '{name}' sends nobody to a Service of namespace '{world.namespace}'. Name another.")
    main = max(arms, key=lambda arm: arm.weight)
    service = world.find(SERVICE, main.service)
    if service is None:
        raise AdoptError(f"{kind} '{name}' sends users to Service '{main.service}', which is not there. Create it.")
    return _app(world, _serving(world, service), (kind, name))


def _serving(world: World, service: Obj) -> Obj:
    """The Deployment behind a Service, the largest where it is more than one."""
    behind = [one for one in world.all(DEPLOYMENT) if selects_pods(service, one)]
    if not behind:
        raise AdoptError(
            f"Service '{name_of(service)}' selects no Deployment's pods. Slipway rolls out Deployments; they are "
            f"{names_of(world.all(DEPLOYMENT))}."
        )
    return max(behind, key=lambda one: (not _is_called(one, "canary"), one["spec"].get("replicas", 1), name_of(one)))


def selects_pods(service: Obj, deployment: Obj) -> bool:
    selector = service["spec"].get("selector") or {}
    return bool(selector) and selects({"matchLabels": selector}, template_labels(deployment))


def _app(world: World, stable: Obj, wanted: tuple[str, str] | None) -> App:
    canary, green = (_sibling(world, stable, word) for word in ("canary", "green"))
    services = tuple(one for one in world.all(SERVICE) if selects_pods(one, stable))
    names = {name_of(service) for service in services}
    rules = [rule for rule in all_rules(world) if any(arm.service in names for arm in rule.arms)]
    best = sorted(rules, key=_order(canary, world, wanted))
    return App(stable, canary, green, services, best[0] if best else None, tuple(best[1:]))


def _order(canary: Obj | None, world: World, wanted: tuple[str, str] | None) -> Callable[[Rule], tuple[object, ...]]:
    """The named route first, then one that knows the canary already, then one for all requests; kinds as listed."""
    theirs = {name_of(one) for one in world.all(SERVICE) if canary and selects_pods(one, canary)}
    kinds = list(ROUTES)

    def order(rule: Rule) -> tuple[object, ...]:
        named = (rule.kind, name_of(rule.route)) == wanted
        knows = len(rule.arms) > 1 and any(arm.service in theirs for arm in rule.arms)
        return not named, not knows, rule.matches, kinds.index(rule.kind), name_of(rule.route)

    return order


def _sibling(world: World, stable: Obj, word: str) -> Obj | None:
    """The Deployment of the same app that is called canary (or green), by its name or a label."""
    base = _STABLE_SUFFIX.sub("", name_of(stable))
    called = [one for one in world.all(DEPLOYMENT) if one is not stable and _is_called(one, word)]
    mine = [one for one in called if name_of(one) == f"{base}-{word}" or _images(one) & _images(stable)]
    return min(mine, key=lambda one: (name_of(one) != f"{base}-{word}", name_of(one)), default=None)


def _is_called(deployment: Obj, word: str) -> bool:
    values: Iterable[str] = template_labels(deployment).values()
    return re.search(rf"(^|-){word}(-|$)", name_of(deployment)) is not None or word in values


def _images(deployment: Obj) -> set[str]:
    """Repositories, without tag and digest."""
    containers = deployment["spec"]["template"]["spec"].get("containers") or []
    return {re.sub(r"(@.*|:[^/]*)$", "", str(container.get("image", "")).partition("@")[0]) for container in containers}
