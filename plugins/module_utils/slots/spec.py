# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a switch is and which slots it has: the options that modules share, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..traffic.arguments import ArgumentSpec
from ..traffic.errors import TrafficError
from ..traffic.route import Backend, RouteSpec

SERVICE = "service"
ROUTES = ("grpcroute", "httproute", "virtualservice")

SWITCH_SPEC: ArgumentSpec = {
    "namespace": {"type": "str"},
    "switch": {
        "type": "dict",
        "required": True,
        "options": {
            "kind": {"type": "str", "choices": sorted((SERVICE, *ROUTES)), "default": SERVICE},
            "name": {"type": "str", "required": True},
            "namespace": {"type": "str"},
            "rule": {"type": "str"},
            "api_version": {"type": "str"},
            "label": {"type": "str", "default": "slot"},
            "slots": {"type": "dict", "required": True},
        },
    },
}

# The release that a slot must hold before users get there.
READY_SPEC: ArgumentSpec = {
    "min_ready": {"type": "int", "default": 1},
    "image": {"type": "str"},
    "container": {"type": "str"},
}

# What a gate may do to a switch.
GATE_SWITCH_SPEC: ArgumentSpec = {
    "switch": {**SWITCH_SPEC["switch"], "required": False},
    "slot": {"type": "str"},
    "on_fail_slot": {"type": "str"},
    **READY_SPEC,
}

_KEYS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        SERVICE: ("value", "deployment", "service"),
        "virtualservice": ("service", "subset", "port", "deployment", "value"),
        "httproute": ("service", "port", "deployment", "value"),
        "grpcroute": ("service", "port", "deployment", "value"),
    }
)
_EXAMPLE = "{blue: {deployment: NAME}, green: {deployment: NAME}}"


@dataclass(frozen=True, slots=True)
class SwitchSpec:
    """The options `switch` and `namespace`, parsed. `values` are what the Service's label has in each slot."""

    route: RouteSpec
    label: str
    values: Mapping[str, str]

    @property
    def kind(self) -> str:
        return self.route.kind

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(backend.name for backend in self.route.backends)

    def describe(self) -> str:
        return self.route.describe()

    def other(self, slot: str) -> str:
        """The slot that is not this one."""
        return next(name for name in self.names if name != slot)

    def check(self, slot: str, field: str) -> str:
        """The slot itself, if there is one by that name. Raises TrafficError `unknown_slot`."""
        if slot not in self.names:
            raise TrafficError(
                "unknown_slot",
                f"{field} is '{slot}', but switch.slots has {' and '.join(self.names)}. Name one of these.",
            )
        return slot


def parse_switch(params: Mapping[str, Any]) -> SwitchSpec:
    """Raises TrafficError `bad_switch`."""
    switch = params["switch"]
    kind = switch["kind"]
    namespace = switch.get("namespace") or params.get("namespace")
    if not namespace:
        raise _bad("No namespace is given for the switch. Set namespace, or switch.namespace.")
    slots = {str(name): value or {} for name, value in (switch["slots"] or {}).items()}
    if len(slots) != 2:
        raise _bad(f"switch.slots names {len(slots)} slots; a switch has two, such as {_EXAMPLE}.")
    backends = tuple(_backend(kind, name, value) for name, value in slots.items())
    values = {name: str(value.get("value") or name) for name, value in slots.items()}
    if len({_target(kind, backend, values) for backend in backends}) < 2:
        raise _bad(f"switch.slots {' and '.join(slots)} mean the same. Each needs a target of its own.")
    route = RouteSpec(
        kind=kind,
        name=switch["name"],
        namespace=namespace,
        backends=backends,
        rule=switch.get("rule") or "",
        api_version=switch.get("api_version") or "",
    )
    return SwitchSpec(route, switch["label"], values)


def _target(kind: str, backend: Backend, values: Mapping[str, str]) -> tuple[str, ...]:
    if kind == SERVICE:
        return (values[backend.name],)
    return backend.service, backend.subset, str(backend.port)


def _backend(kind: str, name: str, value: object) -> Backend:
    where, keys = f"switch.slots.{name}", _KEYS[kind]
    if not isinstance(value, Mapping):
        raise _bad(f"{where} is {value!r}; write a mapping, such as {_EXAMPLE}.")
    for key in value:
        if key not in keys:
            raise _bad(f"{where} has '{key}', which kind {kind} does not know. It knows {', '.join(keys)}.")
    if kind != SERVICE and not value.get("service"):
        raise _bad(f"{where} needs 'service' with kind {kind}: the Service that selects the pods of this slot.")
    port = value.get("port")
    if port is not None and not str(port).isdecimal():
        raise _bad(f"{where}.port is {port!r}; it must be a whole number.")
    return Backend(
        name=name,
        service=str(value.get("service") or ""),
        subset=str(value.get("subset") or ""),
        port=None if port is None else int(port),
        deployment=str(value.get("deployment") or ""),
    )


def _bad(message: str) -> TrafficError:
    return TrafficError("bad_switch", message)
