# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of the modules for rolling updates, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..gate import options as gate
from ..gate.options import GATE_SPEC
from ..gate.suggest import OptionError
from ..registry.options import REGISTRY_SPEC
from ..workload.waiting import Expectation
from .pace import Amount, Pace, amount

KINDS = ("DaemonSet", "Deployment", "StatefulSet")
# A gate's options that a rolling update decides by itself, or that make no sense while a workload rolls.
OWN = ("canary_config", "on_bad_pod", "on_pod_failure")
GATE_OPTIONS = tuple(name for name in gate.GATE_OPTIONS if name not in OWN)
WORKLOAD_SPEC: dict[str, Any] = {
    "kind": {"type": "str", "choices": list(KINDS), "default": "Deployment"},
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "container": {"type": "str"},
    "image": {"type": "str"},
    "template": {"type": "dict", "default": {}},
    "service": {"type": "str", "default": ""},
    "max_unavailable": {"type": "str", "default": "25%"},
    "max_surge": {"type": "str", "default": "25%"},
    "min_ready_seconds": {"type": "int"},
    "subject": GATE_SPEC["subject"],
    "source": {**GATE_SPEC["source"], "required": False},
    "checks": {**GATE_SPEC["checks"], "required": False, "default": []},
}
ROLL_SPEC: dict[str, Any] = {
    **WORKLOAD_SPEC,
    **{name: GATE_SPEC[name] for name in GATE_OPTIONS},
    "state": {"type": "str", "choices": ["restored", "rolled"], "default": "rolled"},
    "release": {"type": "str"},
    "former": {"type": "dict"},
    "timeout": {"type": "float", "default": 900.0},
    "max_restarts": {"type": "int", "default": 1},
    "log_lines": {"type": "int", "default": 10},
    "stuck_after": {"type": "float", "default": 10.0},
    "wait": {"type": "bool", "default": True},
    "stage": {"type": "str", "default": "rolling"},
    "progress": GATE_SPEC["progress"],
    "progress_file": GATE_SPEC["progress_file"],
}
PREFLIGHT_SPEC: dict[str, Any] = {
    **WORKLOAD_SPEC,
    "timeout": ROLL_SPEC["timeout"],
    "open": {"type": "dict", "default": {}},
    **REGISTRY_SPEC,
    "gate": {"type": "dict", "default": {}},
    "pods_proxy": {"type": "bool", "default": False},
    "service_proxy": {"type": "bool", "default": False},
    "prefix": {"type": "str", "default": ""},
}


def parse_pace(params: Mapping[str, Any]) -> Pace:
    """Raises OptionError."""
    unavailable, surge = (_amount(params, name) for name in ("max_unavailable", "max_surge"))
    seconds = params.get("min_ready_seconds")
    if seconds is not None and seconds < 0:
        raise OptionError(f"min_ready_seconds is {seconds}; it is a time in seconds, 0 or more.")
    if amount(unavailable, 100, up=True) == 0 and amount(surge, 100, up=True) == 0:
        raise OptionError(
            "max_unavailable and max_surge are both 0, so that no pod could ever be replaced. Set one of them, such as "
            "max_surge: 25%."
        )
    return Pace(unavailable, surge, seconds)


def _amount(params: Mapping[str, Any], name: str) -> Amount:
    value = str(params[name]).strip()
    digits = value.removesuffix("%")
    if not digits.isdecimal() or (value.endswith("%") and int(digits) > 100):
        raise OptionError(f"{name} is '{value}'; it is a number of pods, or a percentage such as 25%.")
    return value if value.endswith("%") else int(value)


def parse_expectation(params: Mapping[str, Any]) -> Expectation:
    """Raises OptionError."""
    for name in ("timeout", "stuck_after"):
        if not 0 < params[name] < float("inf"):
            raise OptionError(f"{name} is {params[name]:g}; it is a time in seconds and must be above 0.")
    return Expectation(
        namespace=params["namespace"],
        name=params["name"],
        timeout=params["timeout"],
        max_restarts=params["max_restarts"],
        log_lines=params["log_lines"],
        kind=params["kind"],
        stuck_after=params["stuck_after"],
    )
