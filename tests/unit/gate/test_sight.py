# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nobody gets users before the source can see it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import POD
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check, Gauge
from ansible_collections.slipway.rollout.plugins.module_utils.gate.decision import Policy
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.threshold import Threshold
from ansible_collections.slipway.rollout.plugins.module_utils.gate.loop import Loop, Timing
from ansible_collections.slipway.rollout.plugins.module_utils.gate.report import Reporter
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sight import LONGEST, Scraped, Sight
from ansible_collections.slipway.rollout.plugins.module_utils.gate.stop import Stop
from ansible_collections.slipway.rollout.plugins.module_utils.gate.subject import PodGroup, Subject
from ansible_collections.slipway.rollout.plugins.module_utils.gate.watched import Watched
from ansible_collections.slipway.rollout.plugins.module_utils.gate.workers import Workers

from tests.unit.gate.builders import FakeClock, ScriptedSource, pod_object, reading, series, unreachable
from tests.unit.store import Store

NOT_READY = [{"type": "Ready", "status": "False"}]


def sight(scraped: Scraped, *names: str, **changes: object) -> Sight:
    store = Store()
    for name in names:
        store.put(POD, "production", pod_object(name, **changes))
    groups = [PodGroup("canary", "production", "app=shop")]
    return Sight(Subject(store.cluster(), groups, FakeClock(), workers=Workers()), scraped)


def knows(*known: str) -> Scraped:
    return lambda pods: [pod for pod in pods if pod in known]


def refuses(pods: Sequence[str]) -> Collection[str]:
    raise unreachable()


def test_pods_that_the_source_has_not_read_are_named() -> None:
    assert sight(knows("a"), "a", "b").unseen() == ["b"]
    assert sight(knows("a", "b"), "a", "b").unseen() == []


def test_a_source_that_cannot_say_holds_nobody_up() -> None:
    assert sight(knows(), "a", "b").unseen() == []
    assert sight(refuses, "a").unseen() == []
    assert sight(knows("a"), "b", conditions=NOT_READY).unseen() == []


class Late:
    """Knows stable from the beginning and the canary after some questions."""

    def __init__(self, after: int) -> None:
        self.after = after

    def __call__(self, pods: Sequence[str]) -> Collection[str]:
        self.after -= 1
        return pods if self.after < 0 else ["stable"]


def run(after: int) -> tuple[Loop, FakeClock, list[float]]:
    clock, said, shifted = FakeClock(), [], []
    check = Check("load", Gauge(selector=Selector.parse("load")), ceiling=5.0)
    loop = Loop(
        watched=[Watched.of(check, 5)],
        source=ScriptedSource([reading(0.0, series("load", (0.0, 1.0)))]),
        judge=Threshold(),
        timing=Timing(interval=0.5, count=1),
        policy=Policy(5, True, True),
        clock=clock,
        reporter=Reporter(said.append),
        stop=Stop(),
        sight=sight(Late(after), "stable", "canary"),
    )
    loop.run(lambda: shifted.append(clock.now))
    return loop, clock, shifted


def test_users_come_when_the_source_has_read_the_pods() -> None:
    loop, dummy, shifted = run(after=3)
    assert shifted == [FakeClock().now + 1.5]
    assert loop.notes == []


def test_a_source_that_never_reads_them_is_noted() -> None:
    loop, dummy, shifted = run(after=10_000)
    assert shifted == [FakeClock().now + LONGEST]
    assert loop.notes == ["a scripted source has not read canary in 60 s"]
