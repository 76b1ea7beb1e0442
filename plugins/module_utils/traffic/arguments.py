# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options that modules share for routes, splits and observing, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import TrafficError
from .route import Backend, RouteSpec
from .split import Split

ArgumentSpec = dict[str, dict[str, Any]]

ROUTE_SPEC: ArgumentSpec = {
    "namespace": {"type": "str"},
    "route": {
        "type": "dict",
        "required": True,
        "options": {
            "kind": {
                "type": "str",
                "required": True,
                "choices": ["grpcroute", "httproute", "openshiftroute", "replicas", "virtualservice"],
            },
            "name": {"type": "str", "required": True},
            "namespace": {"type": "str"},
            "rule": {"type": "str"},
            "api_version": {"type": "str"},
            "backends": {"type": "dict", "required": True},
            "capacity": {"type": "int"},
            "keep": {"type": "dict"},
        },
    },
}

SPLIT_SPEC: ArgumentSpec = {"split": {"type": "dict"}}

OBSERVE_SPEC: ArgumentSpec = {
    "observe": {"type": "bool", "default": False},
    "observe_timeout": {"type": "float", "default": 30.0},
    "observe_metrics": {
        "type": "dict",
        "default": {},
        "options": {
            "metric": {"type": "str", "default": "http_requests_total"},
            "matchers": {"type": "str", "default": '{path!~"/health.*"}'},
            "via": {"type": "str", "choices": ["direct", "proxy"], "default": "proxy"},
            "port": {"type": "int"},
            "path": {"type": "str"},
            "interval": {"type": "float", "default": 0.25},
        },
    },
}

_SERVICE_KEYS = ("service", "subset", "port")
_KEYS: Mapping[str, Sequence[str]] = {
    "virtualservice": _SERVICE_KEYS,
    "httproute": ("service", "port"),
    "grpcroute": ("service", "port"),
    "openshiftroute": ("service",),
    "replicas": ("deployment",),
}


@dataclass(frozen=True, slots=True)
class ObserveOptions:
    """How to see that traffic has followed: for how long (seconds), by which counter, read from the pods how."""

    timeout: float
    metric: str
    matchers: str
    via: str
    interval: float
    port: int | None = None
    path: str | None = None


def parse_route(params: Mapping[str, Any]) -> RouteSpec:
    """From the options `route` and `namespace`. Raises TrafficError `bad_route`."""
    route = params["route"]
    kind = route["kind"]
    namespace = route.get("namespace") or params.get("namespace")
    if not namespace:
        raise _bad("No namespace is given for the route. Set namespace, or route.namespace.")
    if kind not in _KEYS:
        raise _bad(f"route.kind is '{kind}'; choose one of {', '.join(sorted(_KEYS))}.")
    backends = tuple(_backend(kind, str(name), value) for name, value in (route["backends"] or {}).items())
    if len(backends) < 2:
        raise _bad(f"route.backends names {len(backends)} backends; a split needs at least two: {_example(kind)}.")
    _refuse_twins(backends)
    capacity, keep = _pods(kind, route, [backend.name for backend in backends])
    return RouteSpec(
        kind=kind,
        name=route["name"],
        namespace=namespace,
        backends=backends,
        rule=route.get("rule") or "",
        api_version=route.get("api_version") or "",
        capacity=capacity,
        keep=keep,
    )


def parse_split(params: Mapping[str, Any], *, field: str = "split") -> Split | None:
    """From an option that holds a split; None where it was left out."""
    value = params.get(field)
    return None if value is None else Split.parse(value, field=field)


def parse_observe(params: Mapping[str, Any]) -> ObserveOptions | None:
    """From the options `observe*`; None where `observe` is off."""
    if not params.get("observe"):
        return None
    metrics = params["observe_metrics"]
    timeout, interval = params["observe_timeout"], metrics["interval"]
    for field, value in (("observe_timeout", timeout), ("observe_metrics.interval", interval)):
        if not value > 0:
            raise TrafficError("bad_observe", f"{field} is {value}; it is a time in seconds and must be above 0.")
    return ObserveOptions(
        timeout=timeout,
        metric=metrics["metric"],
        matchers=metrics["matchers"],
        via=metrics["via"],
        interval=interval,
        port=metrics.get("port"),
        path=metrics.get("path"),
    )


def _bad(message: str) -> TrafficError:
    return TrafficError("bad_route", message)


def _example(kind: str) -> str:
    key = _KEYS[kind][0]
    return f"{{stable: {{{key}: NAME}}, canary: {{{key}: NAME}}}}"


def _backend(kind: str, name: str, value: object) -> Backend:
    keys = _KEYS[kind]
    where = f"route.backends.{name}"
    if not isinstance(value, Mapping) or not value.get(keys[0]):
        raise _bad(f"{where} is {value!r}; with kind {kind} it needs '{keys[0]}', such as {_example(kind)}.")
    for key in value:
        if key not in keys:
            raise _bad(f"{where} has '{key}', which kind {kind} does not know. It knows {', '.join(keys)}.")
    port = value.get("port")
    return Backend(
        name=name,
        service=str(value.get("service") or ""),
        subset=str(value.get("subset") or ""),
        port=None if port is None else _whole(f"{where}.port", port, 1),
        deployment=str(value.get("deployment") or ""),
    )


def _refuse_twins(backends: Sequence[Backend]) -> None:
    seen: dict[tuple[str, str, int | None, str], str] = {}
    for backend in backends:
        what = (backend.service, backend.subset, backend.port, backend.deployment)
        if what in seen:
            raise _bad(f"route.backends {seen[what]} and {backend.name} are the same. Each needs a target of its own.")
        seen[what] = backend.name


def _pods(kind: str, route: Mapping[str, Any], names: Sequence[str]) -> tuple[int | None, tuple[tuple[str, int], ...]]:
    capacity, keep = route.get("capacity"), route.get("keep") or {}
    if kind != "replicas":
        # Inventories may carry both for every kind; only pods can make use of them.
        return None, ()
    for name in keep:
        if name not in names:
            raise _bad(f"route.keep names '{name}', which route.backends does not have. It has {', '.join(names)}.")
    if keep and capacity is None:
        raise _bad("route.keep needs route.capacity, the number of pods that the split is taken of. Add it.")
    floors = tuple((str(name), _whole(f"route.keep.{name}", value, 0)) for name, value in keep.items())
    return None if capacity is None else _whole("route.capacity", capacity, 1), floors


def _whole(field: str, value: object, least: int) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = least - 1
    if isinstance(value, bool) or number < least:
        raise _bad(f"{field} is {value!r}; it must be a whole number of at least {least}.")
    return number
