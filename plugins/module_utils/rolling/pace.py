# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pace of a rollout: how many pods at once, and how each kind of workload is told so, stopped and let go on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Union

from ..cluster import Obj

# Where a kind keeps its pace, as a field of its spec.
FIELDS = {"Deployment": "strategy", "StatefulSet": "updateStrategy", "DaemonSet": "updateStrategy"}
Amount = Union[int, str]  # noqa: UP007 - pylint of ansible-test knows no other at run time


@dataclass(frozen=True, slots=True)
class Pace:
    """Numbers or percentages as Kubernetes takes them.

    `min_ready`: seconds that a pod is ready before it counts; None leaves it as it is.
    """

    unavailable: Amount = "25%"
    surge: Amount = "25%"
    min_ready: int | None = None


def pace_fields(obj: Obj, pace: Pace) -> dict[str, Any]:
    """What the workload's spec is to be given for this pace. Only these fields of it are ever written."""
    kind = obj["kind"]
    if kind == "Deployment":
        rolling: dict[str, Any] = {"maxUnavailable": pace.unavailable, "maxSurge": pace.surge}
    elif kind == "StatefulSet":
        # One pod at a time, from the last to the first: more at once is behind a feature gate of the cluster.
        rolling = {**_rolling(obj), "partition": 0}
    elif surges(obj, pace):
        rolling = {"maxUnavailable": 0, "maxSurge": pace.surge}
    else:
        rolling = {"maxUnavailable": pace.unavailable, "maxSurge": 0}
    fields: dict[str, Any] = {FIELDS[kind]: {"type": "RollingUpdate", "rollingUpdate": rolling}}
    return fields if pace.min_ready is None else fields | {"minReadySeconds": pace.min_ready}


def former_pace(obj: Obj) -> dict[str, Any]:
    """The same fields as they are now."""
    spec = obj["spec"]
    strategy = dict(spec.get(FIELDS[obj["kind"]]) or {"type": "RollingUpdate"})
    if obj["kind"] == "StatefulSet":  # what is left out must be said, or it would stay as a rollout has set it
        strategy["rollingUpdate"] = {"partition": 0, **(strategy.get("rollingUpdate") or {})}
    fields: dict[str, Any] = {FIELDS[obj["kind"]]: strategy}
    return fields | {"minReadySeconds": int(spec.get("minReadySeconds", 0))}


def stop_fields(obj: Obj) -> dict[str, Any]:
    """What keeps the controller from giving the new template to one more pod."""
    if obj["kind"] == "Deployment":
        return {"paused": True}
    if obj["kind"] == "StatefulSet":
        above = int(obj["spec"].get("replicas", 1)) + int((obj["spec"].get("ordinals") or {}).get("start", 0))
        return {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {**_rolling(obj), "partition": above}}}
    return {"updateStrategy": {"type": "OnDelete", "rollingUpdate": None}}


def stop_words(obj: Obj) -> str:
    how = {"Deployment": "paused", "StatefulSet": "stopped by its partition", "DaemonSet": "stopped by OnDelete"}
    return f"{obj['kind']} {obj['metadata']['name']} is {how[obj['kind']]}"


def surges(obj: Obj, pace: Pace) -> bool:
    """Whether a DaemonSet puts the new pod beside the old one: two pods of a node cannot share its ports."""
    return pace.surge not in (0, "0", "0%") and not host_ports(obj)


def host_ports(obj: Obj) -> list[int]:
    spec = obj["spec"]["template"]["spec"]
    ports = [port for container in spec.get("containers") or [] for port in container.get("ports") or []]
    if spec.get("hostNetwork"):
        return [int(port["containerPort"]) for port in ports]
    return [int(port["hostPort"]) for port in ports if port.get("hostPort")]


def amount(value: Amount, whole: int, *, up: bool) -> int:
    """A number or a percentage of `whole`, rounded as Kubernetes does in each place. Raises ValueError."""
    text = str(value)
    if text.endswith("%"):
        share = whole * int(text[:-1]) / 100
        return math.ceil(share) if up else math.floor(share)
    return int(text)


def describe(obj: Obj, pace: Pace, pods: int) -> str:
    """`at most 1 more and 0 fewer pods than 3 at any time`."""
    if obj["kind"] == "StatefulSet":
        told = "one pod after the other, from the last to the first"
    elif obj["kind"] == "DaemonSet" and surges(obj, pace):
        told = f"on at most {amount(pace.surge, pods, up=True)} of {pods} nodes at once, the new pod before the old one"
    elif obj["kind"] == "DaemonSet":
        told = f"on at most {amount(pace.unavailable, pods, up=True)} of {pods} nodes at once, the old pod first"
    else:
        more, fewer = amount(pace.surge, pods, up=True), amount(pace.unavailable, pods, up=False)
        told = f"at most {more or (0 if fewer else 1)} more and {fewer} fewer pods than {pods}"
    seconds = pace.min_ready if pace.min_ready is not None else int(obj["spec"].get("minReadySeconds", 0))
    return told + (f", each ready for {seconds} s before it counts" if seconds else "")


def _rolling(obj: Obj) -> dict[str, Any]:
    return dict((obj["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {})
