# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The gate: a loop of looks, and traffic taken back before anything else is done."""

from __future__ import annotations

from dataclasses import dataclass

from ..traffic.apply import SplitChange
from ..traffic.errors import TrafficError
from .decision import Ending, fails
from .judges.judge import Verdict
from .loop import Loop
from .results import result
from .stop import Stopped
from .suggest import OptionError
from .switch import Rollback, Switch
from .text import seconds
from .verdict import GateResult


@dataclass(slots=True)
class Gate:
    """One run. Without `switch` nothing but the verdict comes of it."""

    loop: Loop
    switch: Switch | None = None
    _shifted: SplitChange | None = None

    def run(self) -> GateResult:
        """Raises TrafficError only where nothing was changed, or what somebody else has set is left to them."""
        begun = self.loop.clock.monotonic()
        if self.switch is not None:
            self.switch.rehearse()
        try:
            ending, rollback = self._guarded()
        except (Stopped, KeyboardInterrupt) as stopped:
            rollback = self._restore()
            ending = Ending(Verdict.INCONCLUSIVE, f"not finished: {stopped}", "stopped")
        rollback = self._told(ending, rollback)
        return result(ending, self.loop, self._shifted, rollback, self.loop.clock.monotonic() - begun)

    def _guarded(self) -> tuple[Ending, Rollback | None]:
        try:
            ending = self.loop.run(self._shift)
        except OptionError:
            raise  # nothing has been changed
        except TrafficError as error:
            if error.error == "conflict" and not error.data.get("changed"):
                raise
            return Ending(Verdict.INCONCLUSIVE, f"the split could not be set: {error}", error.error), self._restore()
        except Exception as error:
            said = f"the gate itself failed: {type(error).__name__}: {error}"
            return Ending(Verdict.INCONCLUSIVE, said, "unexpected"), self._restore()
        if fails(ending, self.loop.policy):
            return ending, self._restore()
        self.loop.stop.deafen()
        return ending, None

    def _shift(self) -> bool:
        if self.switch is None:
            return False
        with self.loop.stop.holding():
            self._shifted = self.switch.shift()
        if self._shifted is not None:
            self.loop.notes += [self._shifted.note] if self._shifted.note else []
            was = f", it was {self._shifted.before.describe()}" if self._shifted.changed else " already"
            self.loop.reporter.say(f"split is {self._shifted.after.describe()}{was}")
        return self._shifted is not None and self._shifted.changed

    def _restore(self) -> Rollback | None:
        """The first thing that is done once the gate knows that it must; nothing may interrupt it."""
        self.loop.stop.deafen()
        return None if self.switch is None else self.switch.restore()

    def _told(self, ending: Ending, rollback: Rollback | None) -> Rollback | None:
        """Say how it ended, then see whether traffic has followed the way back."""
        say = self.loop.reporter.say
        if ending.paused:
            return None  # which was said when it began
        say(f"{ending.verdict.name}: {ending.reason}")
        if rollback is None or self.switch is None:
            return None
        if not rollback.done:
            say(f"THE ROUTE IS NOT BACK at {rollback.split.describe()}: {rollback.error}")
            return rollback
        say(f"the route is back at {rollback.split.describe()} after {seconds(rollback.seconds)}")
        if ending.error == "stopped":
            return rollback  # whoever wants an end gets it soon
        rollback = self.switch.followed(rollback)
        if rollback.error:
            say(rollback.error)
        elif rollback.observation.get("followed") is False:
            say(f"whether traffic has followed was not seen: {rollback.observation.get('warning', '')}")
        elif rollback.observation:
            say(f"traffic has followed after {seconds(rollback.observation.get('seconds', 0.0))} more")
        return rollback
