# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A route as the switch: its one destination, or the weights 100 and 0 of two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..cluster import GRPC_ROUTE, HTTP_ROUTE, JSON_PATCH, SERVICE, VIRTUAL_SERVICE, Cluster, Kind, NotFound, Obj
from ..traffic import httproute, virtualservice
from ..traffic.errors import TrafficError
from ..traffic.route import Backend, RouteSpec, RouteState, Settling, Step, step_patch
from ..traffic.rules import Rule, Target, shares_of, targets_of, weight_changes
from ..traffic.split import Split
from ..traffic.virtualservice import host_key
from ..traffic.weighted import Shape, kind_of
from ..traffic.writers import writers_of
from .notes import note_changes
from .pods import Serving, endpoints_of, is_ready, pods_of
from .route import WHOLE, fetch, live_of, target_of
from .spec import SwitchSpec

_Retarget = Callable[[Target, Obj, Backend], tuple[Obj, ...]]


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a kind of route keeps its rules, and how one destination of it is made to mean another slot."""

    shape: Shape
    retarget: _Retarget


class RouteSlots:
    """A SlotRoute over one rule of a route."""

    def __init__(self, cluster: Cluster, switch: SwitchSpec, *, back: bool = False) -> None:
        self._cluster = cluster
        self._how = _KINDS[switch.kind]
        self._kind = kind_of(self._how.shape.kind, switch.route.api_version)
        self.switch = switch
        self.back = back

    @property
    def spec(self) -> RouteSpec:
        return self.switch.route

    def read(self) -> RouteState:
        return self._state(fetch(self._cluster, self._kind, self.switch))

    def plan(self, state: RouteState, split: Split) -> tuple[Step, ...]:
        slot, live = target_of(self.switch, split), live_of(state)
        if slot == live:
            return ()
        obj = state.objects[0]
        rule = self._rule(obj)
        if _single(rule):
            backend = next(one for one in self.spec.backends if one.name == slot)
            changes = self._how.retarget(rule.targets[0], obj, backend)
        else:
            changes = weight_changes(targets_of(self.spec, rule), split)
        # While users are split nobody can say where they were before.
        notes = note_changes(obj, live, back=self.back) if live else ()
        patch = step_patch(obj["metadata"]["resourceVersion"], (*changes, *notes))
        return (Step(self._kind, self.spec.namespace, self.spec.name, patch, split.as_dict()),)

    def write(self, state: RouteState, step: Step, *, dry_run: bool) -> RouteState:  # noqa: ARG002 - the Protocol's
        obj = self._cluster.patch(
            step.kind, step.namespace, step.name, step.patch, content_type=JSON_PATCH, dry_run=dry_run
        )
        return self._state(obj)

    def observe(self) -> Settling:
        return self._how.shape.settling(fetch(self._cluster, self._kind, self.switch))

    def serving(self, state: RouteState, slot: str) -> Serving:  # noqa: ARG002 - the Protocol's
        """Ready pods that are endpoints of the slot's own Service."""
        namespace, labels = self._selected(slot)
        service = self._service(slot)[1]
        there = endpoints_of(self._cluster, namespace, service)
        pods = pods_of(self._cluster, namespace, labels)
        ready = tuple(pod for pod in pods if is_ready(pod) and there.get(pod["metadata"]["name"]))
        left_out = sum(1 for pod in pods if is_ready(pod)) - len(ready)
        why = f"{left_out} more are no endpoints of Service {service}" if left_out else ""
        return Serving(slot, ready, len(pods), why)

    def selectors(self, state: RouteState) -> Mapping[str, tuple[str, Mapping[str, str]]]:  # noqa: ARG002 - the Protocol's
        return {slot: self._selected(slot) for slot in self.switch.names}

    def _selected(self, slot: str) -> tuple[str, Mapping[str, str]]:
        namespace, name = self._service(slot)
        try:
            service = self._cluster.get(SERVICE, namespace, name)
        except NotFound as error:
            raise TrafficError(
                "unknown_slot",
                f"switch.slots.{slot}.service is '{name}', but namespace '{namespace}' has no Service of that name. "
                "Correct it, or create the Service that selects the pods of this slot.",
            ) from error
        return namespace, service["spec"].get("selector") or {}

    def _service(self, slot: str) -> tuple[str, str]:
        backend = next(one for one in self.spec.backends if one.name == slot)
        key = host_key(backend.service, self.spec.namespace)
        if len(key) != 2:
            raise TrafficError(
                "unknown_slot",
                f"switch.slots.{slot}.service is '{backend.service}', which is not a Service of this cluster, so "
                "nobody can say whether its pods are ready. Name a Service.",
            )
        return key[1], key[0]

    def _rule(self, obj: Obj) -> Rule:
        return find_rule(self.switch, self._how.shape.rules(self.spec, obj))

    def _state(self, obj: Obj) -> RouteState:
        rule = self._rule(obj)
        if _single(rule):
            live = rule.targets[0].backends[0]
            shares = {name: WHOLE if name == live else 0 for name in self.switch.names}
        else:
            shares = shares_of(targets_of(self.spec, rule))
        return RouteState(shares, Split.of_shares(shares), (obj,), writers_of((obj,)), shares)


def find_rule(switch: SwitchSpec, rules: tuple[Rule, ...]) -> Rule:
    """The one rule whose destinations are the slots. Raises TrafficError `no_rule` or `ambiguous_rule`."""
    wanted = switch.route.rule
    named = [rule for rule in rules if rule.name == wanted] if wanted else list(rules)
    fitting = [rule for rule in named if _single(rule) or _double(switch, rule)]
    if len(fitting) == 1:
        return fitting[0]
    has = "; ".join(rule.describe() for rule in rules) or "no rules at all"
    if fitting:
        raise TrafficError(
            "ambiguous_rule",
            f"{switch.describe()} has {len(fitting)} rules that lead to a slot: {has}. Set switch.rule to the name of "
            "one; give the rules different names if they have none.",
        )
    slots = " or ".join(f"{one.name} ({one.service})" for one in switch.route.backends)
    raise TrafficError(
        "no_rule",
        f"{switch.describe()} has no rule whose one destination is {slots}, or that has both and no other. It has "
        f"{has}. Correct switch.rule or switch.slots.",
    )


def _single(rule: Rule) -> bool:
    return len(rule.targets) == 1 and len(rule.targets[0].backends) == 1


def _double(switch: SwitchSpec, rule: Rule) -> bool:
    return all(any(name in target.backends for target in rule.targets) for name in switch.names)


def _host(target: Target, obj: Obj, backend: Backend) -> tuple[Obj, ...]:
    """A VirtualService's destination."""
    there = _at(obj, f"{target.path}/destination")
    changes: list[Obj] = [{"op": "replace", "path": f"{target.path}/destination/host", "value": backend.service}]
    if backend.subset:
        changes.append({"op": "add", "path": f"{target.path}/destination/subset", "value": backend.subset})
    elif "subset" in there:
        changes.append({"op": "remove", "path": f"{target.path}/destination/subset"})
    return (*changes, *_port(backend, f"{target.path}/destination/port", {"number": backend.port}))


def _name(target: Target, obj: Obj, backend: Backend) -> tuple[Obj, ...]:  # noqa: ARG001 - as for every kind
    """A backendRef of the Gateway API."""
    change: Obj = {"op": "replace", "path": f"{target.path}/name", "value": backend.service}
    return (change, *_port(backend, f"{target.path}/port", backend.port))


def _port(backend: Backend, path: str, value: object) -> tuple[Obj, ...]:
    return () if backend.port is None else ({"op": "add", "path": path, "value": value},)


def _at(obj: Obj, pointer: str) -> Any:
    here: Any = obj
    for part in pointer.strip("/").split("/"):
        here = here[int(part)] if isinstance(here, list) else here[part]
    return here


def _gateway(kind: Kind) -> _Kind:
    return _Kind(Shape(kind, httproute.rules, httproute.settling), _name)


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "grpcroute": _gateway(GRPC_ROUTE),
        "httproute": _gateway(HTTP_ROUTE),
        "virtualservice": _Kind(Shape(VIRTUAL_SERVICE, virtualservice.rules, virtualservice.settling), _host),
    }
)
