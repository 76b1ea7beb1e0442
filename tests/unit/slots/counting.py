# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counters of each slot's pods, which grow as a test says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Reading, SourceError, Target
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.observe import Counters

from tests.unit.gate.builders import series
from tests.unit.traffic.fake_api import FakeClock


@dataclass
class Counting:
    """`per_second` says, from seconds since the start, how many requests each slot gets."""

    clock: FakeClock
    per_second: Callable[[float], Mapping[str, float]]
    errors: list[SourceError | None] = field(default_factory=list)
    counts: dict[str, float] = field(default_factory=lambda: {"blue": 1000.0, "green": 0.0})

    def __post_init__(self) -> None:
        self._last = self._begun = self.clock.now

    def read(self, selectors: Sequence[Selector], expressions: Sequence[str] = ()) -> Reading:
        error = self.errors.pop(0) if self.errors else None
        gone, self._last = self.clock.now - self._last, self.clock.now
        for slot, rate in self.per_second(self.clock.now - self._begun).items():
            self.counts[slot] += rate * gone
        if error is not None:
            raise error
        at = self.clock.wall()
        found = [
            series(f'requests_total{{pod="{slot}"}}', (at, count), target=slot) for slot, count in self.counts.items()
        ]
        return Reading(at, tuple(found), tuple(Target(slot, slot, (at,)) for slot in self.counts))

    def describe(self) -> str:
        return "counters"

    def sent(self, selectors: Sequence[Selector]) -> list[str]:
        return []

    def names(self) -> list[str]:
        return []

    def label_sets(self, name: str) -> list[dict[str, str]]:
        return []

    def counters(self) -> Counters:
        return Counters(self, Selector.parse("requests_total"), 0.25)
