# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of a gate, and what is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

from ..traffic.arguments import OBSERVE_SPEC, ROUTE_SPEC, ArgumentSpec, parse_route
from ..traffic.route import RouteSpec
from ..traffic.virtualservice import host_key
from .check import Check, Gauge
from .check_options import NO_DATA, Defaults, parse_checks, parse_failures_allowed
from .decision import Policy
from .judge_options import JUDGES
from .loop import Timing
from .pause import PAUSED
from .source_options import SERVICES, SOURCE_SPEC
from .statistics.assessment import Errors
from .subject import PodGroup
from .suggest import OptionError
from .templates import Subject

GATE_SPEC: ArgumentSpec = {
    "namespace": ROUTE_SPEC["namespace"],
    "route": {**ROUTE_SPEC["route"], "required": False},
    "split": {"type": "dict"},
    "on_fail": {"type": "dict"},
    "stage": {"type": "str", "default": ""},
    "observe": {**OBSERVE_SPEC["observe"], "default": True},
    "observe_timeout": OBSERVE_SPEC["observe_timeout"],
    "observe_metrics": OBSERVE_SPEC["observe_metrics"],
    "subject": {"type": "dict", "default": {}},
    "source": SOURCE_SPEC,
    "checks": {"type": "list", "elements": "dict", "required": True},
    "judge": {"type": "str", "choices": list(JUDGES), "default": "threshold"},
    "canary_config": {"type": "dict"},
    "alpha": {"type": "float", "default": 0.01},
    "beta": {"type": "float", "default": 0.05},
    "history": {"type": "float", "default": 3600.0},
    "evidence_since": {"type": "float"},
    "evidence_config": {"type": "str"},
    "interval": {"type": "float", "default": 1.0},
    "duration": {"type": "float", "aliases": ["max_soak"]},
    "min_soak": {"type": "float", "default": 0.0},
    "count": {"type": "int"},
    "initial_delay": {"type": "float", "default": 0.0},
    "warm_up": {"type": "float", "default": 0.0},
    "failures_allowed": {"type": "dict", "default": {"failures": 0, "of": 1}},
    "consecutive_errors": {"type": "int", "default": 5},
    "on_no_data": {"type": "str", "choices": list(NO_DATA), "default": "wait"},
    "on_inconclusive": {"type": "str", "choices": ["fail", "pass"], "default": "fail"},
    "on_undecided": {"type": "str", "choices": ["fail", "pass", "pause"]},
    "pause_timeout": {"type": "float", "default": PAUSED},
    "on_pause": {"type": "str", "choices": ["resume", "return", "wait"], "default": "wait"},
    "on_pod_failure": {"type": "str", "choices": ["fail", "tell"], "default": "fail"},
    "on_bad_pod": {"type": "str", "choices": ["fail", "replace"], "default": "fail"},
    "progress": {"type": "bool", "default": True},
    "progress_file": {"type": "path"},
}

# What an inventory may say about gates; the rest of their options follows from the rollout.
GATE_OPTIONS = (
    *("judge", "canary_config", "alpha", "beta", "history", "interval", "duration", "count", "min_soak"),
    *("initial_delay", "warm_up", "failures_allowed", "consecutive_errors", "on_no_data", "on_inconclusive"),
    *("on_undecided", "pause_timeout", "on_pod_failure", "on_bad_pod"),
)
DURATION = 60.0
SHORTEST_INTERVAL = 0.1


def parse_timing(params: Mapping[str, Any]) -> Timing:
    """Raises OptionError."""
    interval, duration, count = params["interval"], params.get("duration"), params.get("count")
    if not SHORTEST_INTERVAL <= interval < inf:  # so written because NaN is neither above nor below
        raise OptionError(f"interval is {interval:g}; it is the time between looks in seconds, at least 0.1.")
    if duration is not None and count is not None:
        raise OptionError("duration and count are both given, and each would end the gate. Leave one out.")
    if duration is not None and not 0 < duration < inf:
        raise OptionError(f"duration is {duration:g}; it is the time of the gate in seconds and must be above 0.")
    if count is not None and count < 1:
        raise OptionError(f"count is {count}; it is the number of looks, at least 1.")
    if not 0 <= params["initial_delay"] < inf:
        raise OptionError(f"initial_delay is {params['initial_delay']:g}; it is a time in seconds, 0 or more.")
    if duration is None and count is None:
        duration = DURATION
    least = params.get("min_soak") or 0.0
    if not 0 <= least < inf:
        raise OptionError(f"min_soak is {least:g}; it is a time in seconds, 0 or more.")
    if params.get("on_pause") == "resume":
        return Timing(interval, interval)  # its time was up before
    return Timing(interval, duration, count, params["initial_delay"], least)


def parse_errors(params: Mapping[str, Any]) -> Errors:
    """How often the whole gate may be wrong. Raises OptionError."""
    for name in ("alpha", "beta"):
        value = params.get(name)
        if value is not None and not 0 < value < 1:
            raise OptionError(f"{name} is {value:g}; it is a probability of being wrong, such as 0.01.")
    usual = Errors()
    return Errors(params.get("alpha") or usual.alpha, params.get("beta") or usual.beta)


def parse_policy(params: Mapping[str, Any]) -> Policy:
    """Raises OptionError."""
    patience = params["consecutive_errors"]
    if patience < 1:
        raise OptionError(f"consecutive_errors is {patience}; it is a number of looks, at least 1.")
    return Policy(
        patience=patience,
        inconclusive_fails=params["on_inconclusive"] == "fail",
        pods_fail=params.get("on_pod_failure") != "tell",
        undecided=params.get("on_undecided") or params["on_inconclusive"],
    )


def parse_pause_timeout(params: Mapping[str, Any]) -> float:
    """Raises OptionError."""
    longest = params.get("pause_timeout")
    longest = PAUSED if longest is None else longest
    if not 0 <= longest < inf:
        raise OptionError(f"pause_timeout is {longest:g}; it is a time in seconds, 0 or more.")
    return float(longest)


def parse_warm_up(params: Mapping[str, Any]) -> float:
    """Raises OptionError."""
    warm_up = params.get("warm_up") or 0.0
    if not 0 <= warm_up < inf:
        raise OptionError(f"warm_up is {warm_up:g}; it is a time in seconds from a pod's start, 0 or more.")
    return float(warm_up)


def parse_gate_route(params: Mapping[str, Any]) -> RouteSpec | None:
    """Raises OptionError where something moves traffic and nothing says on which route; else as parse_route."""
    if params.get("route"):
        return parse_route(params)
    for field in ("split", "on_fail"):
        if params.get(field) is not None:
            raise OptionError(f"{field} is given, but no route to set it on. Add route, or leave {field} out.")
    return None


def parse_groups(params: Mapping[str, Any], route: RouteSpec | None) -> list[PodGroup]:
    """The subject's arms as groups of pods. Raises OptionError."""
    arms = params.get("subject") or {}
    namespace = namespace_of(params, route)
    if arms and not namespace:
        raise OptionError("subject is given without the namespace of its pods. Set namespace.")
    for arm, selector in arms.items():
        if not isinstance(selector, str) or not selector.strip():
            message = f"subject.{arm} is {selector!r}; it is a label selector, such as 'app=shop,version={arm}'."
            raise OptionError(message)
    return [PodGroup(str(arm), namespace, selector) for arm, selector in arms.items()]


def namespace_of(params: Mapping[str, Any], route: RouteSpec | None) -> str:
    return params.get("namespace") or (route.namespace if route else "")


def parse_all_checks(params: Mapping[str, Any], groups: list[PodGroup], route: RouteSpec | None) -> tuple[Check, ...]:
    """Raises OptionError."""
    subject = Subject(
        namespace_of(params, route), {group.name: _plain(group.selector) for group in groups}, _hosts(route)
    )
    failures, looks = parse_failures_allowed(params["failures_allowed"], "failures_allowed")
    service = SERVICES.get(params["source"]["type"], "")
    checks = parse_checks(
        params["checks"], subject, Defaults(failures, looks, params["on_no_data"], service, params["judge"])
    )
    for number, check in enumerate(checks):
        if isinstance(check.measure, Gauge) and check.measure.expression and params["source"]["type"] == "pods":
            raise OptionError(
                f"checks[{number}].query is PromQL, which pods do not answer. Use gauge with a selector, or a source "
                "of type prometheus."
            )
    return checks


def _plain(selector: str) -> dict[str, str]:
    """The equalities of a label selector; what else it asks (`in`, `!=`, presence) is no label of a series."""
    pairs = {}
    for part in selector.split(","):
        name, equals, value = part.partition("=")
        if equals and not name.rstrip().endswith("!") and "(" not in part:
            pairs[name.strip()] = value.removeprefix("=").strip()
    return pairs


def _hosts(route: RouteSpec | None) -> dict[str, str]:
    """The host that a gateway knows each backend by, and its subset after a bar."""
    if route is None:
        return {}
    hosts = {}
    for backend in route.backends:
        key = host_key(backend.service, route.namespace) if backend.service else ()
        if len(key) == 2:
            hosts[backend.name] = f"{key[0]}.{key[1]}.svc.cluster.local|{backend.subset}"
    return hosts
