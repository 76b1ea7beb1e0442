# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A gate over a switch, put together from the options of metric_gate."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..clock import Clock
from ..cluster import Cluster
from ..gate.suggest import OptionError
from ..traffic.arguments import parse_observe
from ..traffic.split import Split
from .counters import open_counters
from .hand import SlotSwitch
from .kinds import open_switch
from .pods import Wanted
from .route import whole
from .spec import SwitchSpec, parse_switch


def parse_gate_switch(params: Mapping[str, Any]) -> SwitchSpec | None:
    """None where the gate has no switch. Raises OptionError, TrafficError."""
    if not params.get("switch"):
        for field in ("slot", "on_fail_slot"):
            if params.get(field):
                raise OptionError(f"{field} is given, but no switch to set. Add switch, or leave {field} out.")
        return None
    for field in ("route", "split", "on_fail"):
        if params.get(field):
            raise OptionError(
                f"switch and {field} are both given. With a switch say slot and on_fail_slot, and leave {field} out."
            )
    return parse_switch(params)


def open_hand(params: Mapping[str, Any], cluster: Cluster, clock: Clock) -> SlotSwitch:
    """Raises TrafficError."""
    switch, observe = parse_switch(params), parse_observe(params)
    route = open_switch(cluster, switch)
    return SlotSwitch(
        route=route,
        split=_split(switch, params, "slot"),
        on_fail=_split(switch, params, "on_fail_slot"),
        clock=clock,
        counters=partial(open_counters, cluster, route, observe, clock) if observe else None,
        observe_timeout=params["observe_timeout"],
        way_back=open_switch(cluster, switch, back=True),
        wanted=Wanted.parse(params),
    )


def _split(switch: SwitchSpec, params: Mapping[str, Any], field: str) -> Split | None:
    slot = params.get(field)
    return whole(switch, switch.check(slot, field)) if slot else None
