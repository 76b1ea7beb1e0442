# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The gate's hand on a switch: the slot that it sends users to at the start, and the one that it takes them back to."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..cluster import ClusterError
from ..gate.switch import Rollback, RouteSwitch
from ..traffic.apply import SplitChange, apply_split
from ..traffic.errors import TrafficError, from_cluster
from ..traffic.route import Settling
from ..traffic.split import Split
from .pods import Wanted, refuse_unready
from .route import SlotRoute, live_of, target_of

WRITE_SECONDS = 30.0  # for a write with all its retries
_NOBODY = "has no ready pod, so users were left where they are: give it its pods, then switch by hand"


@dataclass(slots=True)
class SlotSwitch(RouteSwitch):
    """A gate's Switch over slots. `way_back` is the same switch, and notes that users go back."""

    way_back: SlotRoute | None = None
    wanted: Wanted = field(default_factory=Wanted)
    _unseen_since: float | None = None  # when users were sent to the slot, until they were seen to be there

    def describe(self) -> list[str]:
        name = self.route.spec.describe()
        lines = [f"Switches {name} to {_slot(self.split)}."] if self.split is not None else []
        if self.on_fail is None:
            return [*lines, "Puts nothing back when it fails: on_fail_slot is not given."]
        return [*lines, f"Puts {name} back to {_slot(self.on_fail)} when it fails."]

    def shift(self) -> SplitChange | None:
        """Guarded: nobody is sent to a slot that is not ready or holds another release."""
        route = self.way_back
        if route is None or self.split is None:
            return None
        slot = target_of(route.switch, self.split)
        try:
            state = route.read()
            if slot != live_of(state):
                refuse_unready(route.serving(state, slot), self.wanted, route.switch.describe())
        except ClusterError as error:
            raise from_cluster(error, f"{route.switch.describe()} was not switched.") from error
        change = RouteSwitch.shift(self)
        self._unseen_since = self.clock.monotonic()
        return change

    def hold(self) -> str:
        """What the gate waits for before it may pass: that the cluster has taken the switch up; "" when it has.

        Raises TrafficError `not_followed` when time is up, or the switch is refused.
        """
        if self._unseen_since is None:
            return ""
        try:
            settling = self.route.observe()
        except ClusterError as error:
            settling = Settling("waiting", str(error))
        if settling.state in ("settled", "unknown"):
            self._unseen_since = None
            return ""
        if settling.state == "refused" or self.clock.monotonic() - self._unseen_since > self.observe_timeout:
            raise TrafficError("not_followed", f"traffic has not followed: {settling.reason}")
        return "traffic has not followed yet"

    def restore(self) -> Rollback | None:
        """Back, unless it is certain that nobody would serve there: not knowing is no reason to stay."""
        if self.on_fail is not None and self.way_back is not None and self._empty(self.way_back):
            return Rollback(False, 0.0, self.on_fail, False, f"{_slot(self.on_fail)} {_NOBODY}.")
        return RouteSwitch.restore(self)

    def _empty(self, route: SlotRoute) -> bool:
        if self.on_fail is None:
            return False
        slot = target_of(route.switch, self.on_fail)
        try:
            state = route.read()
            return slot != live_of(state) and not route.serving(state, slot).ready
        except (ClusterError, TrafficError):
            return False

    def _apply(self, split: Split, *, check_mode: bool = False, insist: bool = False) -> SplitChange:
        """As for any route; what goes to `on_fail` is noted as a way back."""
        going_back = split == self.on_fail and (insist or split != self.split)
        route = self.way_back if going_back and self.way_back is not None else self.route
        deadline = self.clock.monotonic() + WRITE_SECONDS
        return apply_split(route, split, check_mode=check_mode, clock=self.clock, deadline=deadline, insist=insist)


def _slot(split: Split) -> str:
    return next((name for name, weight in split if weight), split.describe())
