# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait until nobody is on the former slot any more, so that its pods may go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..clock import Clock
from ..cluster import ClusterError
from ..gate.increments import Increments
from ..gate.sources.source import SourceError
from ..traffic.observe import Counters

QUIET = 2.0  # seconds without a request after which a slot counts as drained


@dataclass(frozen=True, slots=True)
class Drained:
    """`quiet`: no request came for QUIET seconds. `requests` came meanwhile; `trouble` says why nothing was seen."""

    slot: str
    quiet: bool
    seconds: float
    requests: int
    trouble: str = ""

    def as_dict(self) -> dict[str, Any]:
        pairs: dict[str, Any] = {"slot": self.slot, "quiet": self.quiet, "seconds": round(self.seconds, 3)}
        return pairs | {"requests": self.requests} | ({"warning": self.warning()} if self.warning() else {})

    def warning(self) -> str:
        """A sentence, "" if there is nothing to warn of."""
        if self.quiet:
            return ""
        if self.trouble:
            return f"Whether requests still reach {self.slot} was not seen in {self.seconds:.0f} s: {self.trouble}"
        return (
            f"Requests still reach {self.slot} after {self.seconds:.0f} s ({self.requests} meanwhile). They come on "
            "connections that were open before, or on a way other than the switch; when its pods end, each has its "
            "preStop and its grace period to answer them."
        )


def drain(counters: Counters, slot: str, clock: Clock, timeout: float) -> Drained:
    """Look until the slot's counters stand still, for at most `timeout` seconds. Never raises for what it sees."""
    begun, increments = clock.monotonic(), Increments()
    last, requests, trouble = begun, 0.0, "its pods have not answered"
    while True:
        now = clock.monotonic()
        try:
            reading = counters.source.read([counters.selector])
        except (ClusterError, SourceError) as error:
            trouble, last = str(error), now
        else:
            groups = {target.name: target.group for target in reading.targets}
            gained = _gained(increments, reading, groups, slot)
            requests += gained
            trouble = ""
            last = now if gained > 0 else last
        if not trouble and now - last >= QUIET:
            return Drained(slot, True, now - begun, round(requests))
        if now - begun + counters.interval > timeout:
            return Drained(slot, False, now - begun, round(requests), trouble)
        clock.sleep(counters.interval)


def _gained(increments: Increments, reading: Any, groups: Mapping[str, str], slot: str) -> float:
    return sum(gain.amount for gain in increments.add(reading) if groups.get(gain.series.target) == slot)
