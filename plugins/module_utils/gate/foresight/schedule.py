# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The splits and soaks that find what must be found soonest, without many users on a release that is not known yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from .finding import Stage, found
from .growth import Stream

# Shares in percent that are tried.
SHARES = (1, 2, 5, 10, 15, 20, 25, 33, 50)
LONGEST = 14 * 86400.0  # seconds of a stage
_STEPS = 24


@dataclass(frozen=True, slots=True)
class Target:
    """A regression of `ratio` is found with `probability` by the end.

    No stage follows before one of `guard` would have been found with it. The first has at most `first` percent of the
    requests, each other at most `step` times the share before it; all take at least `least` seconds.
    """

    ratio: float = 2.0
    probability: float = 0.95
    guard: float = 5.0
    first: int = 10
    step: float = 3.0
    least: float = 60.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """Stages in their order; their evidence adds up."""

    stages: tuple[Stage, ...]

    @property
    def seconds(self) -> float:
        return sum(stage.seconds for stage in self.stages)

    def as_dict(self) -> dict[str, Any]:
        stages = [{"weight": round(100 * one.share), "seconds": round(one.seconds)} for one in self.stages]
        return {"stages": stages, "seconds": round(self.seconds)}


def soonest(streams: Sequence[Stream], target: Target, shares: Sequence[int] = SHARES) -> Schedule | None:
    """The quickest for all checks at once; None where none reaches the target in a fortnight's stages."""
    search = _Search(streams, target, sorted(set(shares)))
    search.go_on(())
    return search.best


def chances(streams: Mapping[str, Stream], ratio: float, stages: Sequence[Stage]) -> dict[str, float]:
    """With what probability each check finds it in these stages together."""
    return {name: found(stream, ratio, stages) for name, stream in streams.items()}


@dataclass(slots=True)
class _Search:
    """Every way to go on from a few stages, as long as it may still be the quickest."""

    streams: Sequence[Stream]
    target: Target
    shares: Sequence[int]
    best: Schedule | None = None

    def go_on(self, before: tuple[Stage, ...]) -> None:
        least = 100 * before[-1].share if before else 0.0
        most = least * self.target.step + 1e-9 if before else self.target.first
        for share in self.shares:
            if least < share <= most:
                last = Schedule((*before, Stage(share / 100, self._until(before, share / 100, self.target.ratio))))
                if self._is_quicker(last):
                    self.best = last
                guarded = (*before, Stage(share / 100, self._until(before, share / 100, self.target.guard)))
                if self._is_quicker(Schedule(guarded)):
                    self.go_on(guarded)

    def _is_quicker(self, schedule: Schedule) -> bool:
        return schedule.seconds < (self.best.seconds if self.best is not None else inf)

    def _until(self, before: tuple[Stage, ...], share: float, ratio: float) -> float:
        """How long a stage has to be until all checks find this ratio; infinite where that is too long."""

        def enough(seconds: float) -> bool:
            stages = (*before, Stage(share, seconds))
            return all(found(stream, ratio, stages) >= self.target.probability for stream in self.streams)

        low, high = self.target.least, LONGEST
        if enough(low):
            return low
        if not enough(high):
            return inf
        for _step in range(_STEPS):
            middle = (low * high) ** 0.5
            low, high = (low, middle) if enough(middle) else (middle, high)
        return high
