# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which slot a switch is to go to, and whether that is a way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..traffic.errors import TrafficError
from ..traffic.route import RouteState
from .notes import FORMER, LEFT, noted
from .route import SlotRoute, live_of

LIVE, PREVIOUS = "live", "previous"


@dataclass(frozen=True, slots=True)
class Aim:
    """`slot` may be "": nothing is to be switched. With `back` users go to where they came from."""

    slot: str
    back: bool = False
    state: str = LIVE

    @classmethod
    def parse(cls, params: Mapping[str, Any]) -> Aim:
        """`slot` alone goes there; `state: previous` goes back, to `slot` where that is given; neither reads."""
        state = params.get("state") or LIVE
        return cls(params.get("slot") or "", state == PREVIOUS, state)


def resolve(aim: Aim, route: SlotRoute, state: RouteState) -> str:
    """The slot to go to, "" for none. Raises TrafficError `unknown_slot` or `no_former`."""
    if aim.slot:
        return route.switch.check(aim.slot, "slot")
    if not aim.back:
        return ""
    obj, live = state.objects[0], live_of(state)
    former, left = noted(obj, FORMER), noted(obj, LEFT)
    if former in route.switch.names:
        return former
    if not former and live and left == route.switch.other(live):
        return live  # the way back was gone already
    found = f"it notes '{former}', which is no slot" if former else f"it has no annotation {FORMER}"
    raise TrafficError(
        "no_former",
        f"Where {route.switch.describe()} was before is not known: {found}. Name the slot to go back to, in slot.",
        {"changed": False},
    )


def former_of(route: SlotRoute, state: RouteState) -> str:
    """The slot that `state: previous` would go back to, "" if there is none."""
    former = noted(state.objects[0], FORMER)
    return former if former in route.switch.names and former != live_of(state) else ""
