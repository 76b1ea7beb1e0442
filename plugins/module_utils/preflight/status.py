# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is live and what is rolling, without judging any of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cluster import Cluster, Obj
from ..traffic.arguments import parse_route
from ..workload.progress import progress_of
from ..workload.snapshot import Snapshot
from .facts import route_of, stable_of, version_of
from .problem import Problem
from .view import read
from .wish import Wish
from .workloads import is_kept


def status(cluster: Cluster, params: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Facts, and what could not be read. Raises ClusterError, and TrafficError for a wrong option `route`."""
    wish = Wish(
        namespace=params["namespace"],
        image=None,
        container=params.get("container") or "",
        stable=params["stable"],
        canary=params["canary"],
        route=parse_route(params),
        stages=(),
    )
    view = read(cluster, wish)
    if view.stable is None or view.canary is None or view.route is None:
        return {}, view.problems or [Problem("permissions", "these credentials may not read what is there")]
    stable, canary = stable_of(wish, view, view.stable), version_of(wish, view.canary)
    split = view.route.split.as_dict()
    is_open = bool((canary["replicas"] and not is_kept(view.canary)) or split.get("canary"))
    return {
        "stable": stable | {"state": _state(view.stable)},
        "canary": canary | {"state": _state(view.canary)},
        "split": split,
        "route": route_of(wish, params, stable["replicas"]),
        "open": is_open,
        # While a canary is out, the same image on both means that stable was getting it; unless no rollout gave it any.
        "promoting": is_open and canary["image"] == stable["image"] and bool(stable["former_image"]),
        "row": {
            "live": stable["title"],
            "stable": f"{split.get('stable', 0)} %, {_state(view.stable)}",
            "rolling": canary["title"] if is_open else "-",
            "canary": f"{split.get('canary', 0)} %, {_state(view.canary)}" if is_open else "-",
        },
    }, view.problems


def _state(deployment: Obj) -> str:
    """`3 pods`, `2 of 3 pods`, and what keeps them from being more."""
    counts = progress_of(Snapshot(deployment))
    available = int((deployment.get("status") or {}).get("availableReplicas", 0))
    told = f"{counts.desired}" if available == counts.desired else f"{available} of {counts.desired}"
    told += " pod" if told == "1" else " pods"
    if deployment["spec"].get("paused"):
        return f"{told}, paused"
    moving = not counts.observed or counts.old or counts.updated != counts.desired
    return f"{told}, rolling" if moving and counts.desired else told
