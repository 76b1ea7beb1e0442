# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gate that runs without a cluster: scripted measurements, a route in memory, time that only sleeping moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check, Counters, Gauge
from ansible_collections.slipway.rollout.plugins.module_utils.gate.decision import Policy
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.threshold import Threshold
from ansible_collections.slipway.rollout.plugins.module_utils.gate.loop import Loop, Timing
from ansible_collections.slipway.rollout.plugins.module_utils.gate.report import Reporter
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Answer, Reading
from ansible_collections.slipway.rollout.plugins.module_utils.gate.stop import Stop
from ansible_collections.slipway.rollout.plugins.module_utils.gate.switch import Rollback
from ansible_collections.slipway.rollout.plugins.module_utils.gate.watched import Watched
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.apply import SplitChange
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.route import RouteState
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split

from tests.unit.gate.builders import FakeClock, ScriptedSource, reading, series

ERRORS = Check("errors", Counters((Selector.parse('m{status="500"}'),), (Selector("m"),)), limit=0.01)
QUEUE = Check("queue", Gauge("q"), ceiling=100)
BEFORE, SPLIT, BACK = (Split((("stable", 100 - canary), ("canary", canary))) for canary in (5, 10, 0))


@dataclass
class FakeSwitch:
    """Remembers what was done, in `log` among what others do; `fault` is raised by shift, `lost` by nobody."""

    log: list[str] = field(default_factory=list)
    fault: Exception | None = None
    done: bool = True
    note: str = ""
    error: str = ""
    observation: dict[str, Any] = field(default_factory=lambda: {"followed": True, "seconds": 0.5})

    def rehearse(self) -> tuple[Split | None, Split | None]:
        self.log.append("rehearse")
        return BEFORE, SPLIT

    def describe(self) -> list[str]:
        return ["Sets the route.", "Puts it back."]

    def shift(self) -> SplitChange | None:
        self.log.append("shift")
        if self.fault:
            raise self.fault
        state = RouteState({}, SPLIT, (), (), {})
        return SplitChange(True, BEFORE, SPLIT, SPLIT, 1, state, self.note)

    def restore(self) -> Rollback | None:
        self.log.append("restore")
        return Rollback(self.done, 0.01, BACK, self.done, "" if self.done else "no API server")

    def followed(self, rollback: Rollback) -> Rollback:
        self.log.append("followed")
        return Rollback(True, 0.01, BACK, True, self.error, {} if self.error else self.observation)


class Traffic:
    """Readings of two counters that grow by so many good and bad requests from look to look."""

    def __init__(self, good: int, bad: int, at: float = 1_700_001_000.0) -> None:
        self.good, self.bad, self.at = good, bad, at
        self.sums = [0, 0]

    def __call__(self) -> Reading:
        self.at += 1
        found = [series('m{status="200"}', (self.at, self.sums[0])), series('m{status="500"}', (self.at, self.sums[1]))]
        self.sums = [self.sums[0] + self.good, self.sums[1] + self.bad]
        return reading(self.at, *found, q=Answer((({}, 5.0),)))


@dataclass
class World:
    """All that a loop needs, and what it said."""

    source: ScriptedSource
    clock: FakeClock = field(default_factory=FakeClock)
    said: list[str] = field(default_factory=list)
    stop: Stop = field(default_factory=Stop)

    def loop(self, *checks: Check, policy: Policy | None = None, timing: Timing | None = None, **more: Any) -> Loop:
        policy = policy or Policy(patience=3)
        return Loop(
            watched=[Watched.of(check, policy.patience) for check in checks or (ERRORS,)],
            source=self.source,
            judge=Threshold(),
            timing=timing or Timing(interval=1.0, duration=5.0),
            policy=policy,
            clock=self.clock,
            reporter=Reporter(self.said.append),
            stop=self.stop,
            **more,
        )


def world(*script: Reading | Exception | Callable[[], Reading]) -> World:
    return World(ScriptedSource(list(script)))


def nothing() -> bool:
    """A shift that moves no traffic."""
    return False


def moved() -> bool:
    """A shift after which there are users on the way."""
    return True


def said(lines: Sequence[str], words: str) -> bool:
    return any(words in line for line in lines)
