# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Time is up and nothing is decided: the split stays, the gate goes on looking, and a person may say how it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..clock import Clock
from .decision import Ending
from .judges.judge import Verdict
from .text import seconds

PAUSED = 1800.0  # seconds
EVERY = 2.0  # seconds between two questions for an answer


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person has said: whether it passes, who it was, and why."""

    passes: bool
    by: str = ""
    why: str = ""

    def ending(self) -> Ending:
        said = f"{self.by or 'somebody'} has decided that it {'passes' if self.passes else 'fails'}"
        return Ending(Verdict.PASS if self.passes else Verdict.FAIL, f"{said}: {self.why}" if self.why else said)


@dataclass(slots=True)
class Pause:
    """At most `longest` seconds. `begin` makes the question known, and says how it is answered; `answer` looks for one.

    Neither of the two may raise. `question` is the ending that it paused at, None before it does. With `returns` the
    gate comes back to whoever has started it as soon as it pauses, for them to tell people and begin it again.
    """

    clock: Clock
    longest: float = PAUSED
    begin: Callable[[str], str] = lambda _reason: ""
    answer: Callable[[], Answer | None] = lambda: None
    question: Ending | None = None
    returns: bool = False
    _since: float = 0.0
    _asked: float = float("-inf")

    def start(self, ending: Ending) -> str:
        """For people: that it pauses, why, for how long, and what they can do."""
        self.question, self._since = ending, self.clock.monotonic()
        known = self.begin(ending.reason)
        what = "an incident of both arms" if ending.shared else "the evidence does not suffice"
        longest = "" if self.returns else f", for at most {seconds(self.longest)}"
        said = f"PAUSED, {what}: {ending.reason.rstrip('.')}. The split stays{longest}."
        return f"{said} {known}".strip()

    def answered(self) -> Ending | None:
        """What a person has said meanwhile; a question to the cluster only every few seconds."""
        now = self.clock.monotonic()
        if now - self._asked < EVERY:
            return None
        self._asked = now
        found = self.answer()
        return found.ending() if found is not None else None

    def over(self, ending: Ending) -> Ending | None:
        """The end of the pause, if it has come: as undecided as before."""
        if self.left() > 0:
            return None
        return replace(ending, reason=f"{ending.reason}; nobody has decided in {seconds(self.longest)}")

    def left(self) -> float:
        return self.longest - (self.clock.monotonic() - self._since)
