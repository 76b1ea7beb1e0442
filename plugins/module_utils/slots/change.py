# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the module slot_switch does, from options to result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..clock import Clock
from ..cluster import Cluster, ClusterError
from ..traffic.apply import SplitChange, apply_split
from ..traffic.arguments import parse_observe
from ..traffic.errors import TrafficError, from_cluster
from ..traffic.route import RouteState
from .counters import open_counters
from .drain import drain
from .follow import follow
from .kinds import open_switch
from .pods import Wanted, refuse_unready
from .route import SlotRoute, live_of, whole
from .spec import parse_switch
from .status import slots_of
from .target import Aim, former_of, resolve

WRITE_SECONDS = 30.0  # for the write with all its retries


def switch_slot(cluster: Cluster, params: Mapping[str, Any], clock: Clock, *, check_mode: bool) -> dict[str, Any]:
    """Switch, or read where there is nothing to switch. The result is that of the module; raises TrafficError."""
    switch, aim, wanted = parse_switch(params), Aim.parse(params), Wanted.parse(params)
    route = open_switch(cluster, switch, back=aim.back)
    begun = clock.monotonic()
    try:
        state = route.read()
        slot = resolve(aim, route, state)
        if slot and slot != live_of(state):
            _refuse_a_split(route, state, aim)
            refuse_unready(route.serving(state, slot), wanted, switch.describe())
    except ClusterError as error:
        raise from_cluster(error, f"{switch.describe()} could not be read, so nothing was written.") from error
    if not slot:
        return _result(route, state, state, "", False) | {"slots": _slots(cluster, route, state, params)}
    deadline = clock.monotonic() + WRITE_SECONDS
    change = apply_split(route, whole(switch, slot), check_mode=check_mode, clock=clock, deadline=deadline)
    result = _result(route, state, change.state, slot, change.changed, check_mode) | {"attempts": change.attempts}
    if not check_mode:
        result |= _watched(cluster, route, change, slot, params, clock, result)
    return result | {"seconds": round(clock.monotonic() - begun, 3)}


def put_back(cluster: Cluster, options: Mapping[str, Any], clock: Clock) -> str:
    """The module's call with these options, for a run that cannot make it any more; what it says. As switch_slot."""
    quiet = {"min_ready": 1, "observe": False, "observe_timeout": 5.0, "drain": 0.0}
    return str(switch_slot(cluster, {**quiet, **options}, clock, check_mode=False)["msg"])


def _watched(
    cluster: Cluster,
    route: SlotRoute,
    change: SplitChange,
    slot: str,
    params: Mapping[str, Any],
    clock: Clock,
    result: Mapping[str, Any],
) -> dict[str, Any]:
    """What was seen of traffic after the switch. Raises TrafficError with the result so far."""
    options, seen = parse_observe(params), {}
    try:
        observation = follow(cluster, route, change, options, clock, params["observe_timeout"])
        if observation:
            seen["observation"] = observation
        if options is not None and params["drain"] > 0:
            counters = open_counters(cluster, route, options, clock)
            seen["drained"] = drain(counters, route.switch.other(slot), clock, params["drain"]).as_dict()
    except TrafficError as error:
        raise error.enriched({**result, **seen}) from error
    except ClusterError as error:
        raise from_cluster(error, f"{route.switch.describe()} is at {slot}.").enriched({**result, **seen}) from error
    return seen


def _refuse_a_split(route: SlotRoute, state: RouteState, aim: Aim) -> None:
    """Users on both slots are somebody's rollout; only a way back may end it."""
    if not live_of(state) and not aim.back:
        raise TrafficError(
            "split",
            f"{route.switch.describe()} is split: {state.split.describe()}. That is no blue-green switch but "
            "somebody's canary. Let it end, or take it back with state: previous and slot.",
            {"changed": False},
        )


def _slots(cluster: Cluster, route: SlotRoute, state: RouteState, params: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return slots_of(cluster, route, state, params.get("container") or "")
    except ClusterError as error:
        raise from_cluster(error, f"The slots of {route.switch.describe()} could not be read.") from error


def _result(
    route: SlotRoute, first: RouteState, state: RouteState, slot: str, changed: bool, check_mode: bool = False
) -> dict[str, Any]:
    before, after = live_of(first) or first.split.describe(), slot or live_of(state) or state.split.describe()
    verb = ("would be at" if check_mode else "is now at") if changed else "is at" if not slot else "already was at"
    header = route.switch.describe()
    sides = {"before_header": header, "after_header": header, "before": f"{before}\n", "after": f"{after}\n"}
    return {
        "changed": changed,
        "before": before,
        "after": after,
        "live": live_of(state) if not check_mode else after,
        "former": former_of(route, state),
        "msg": f"{header} {verb} {after}.",
        "diff": sides,
    }
