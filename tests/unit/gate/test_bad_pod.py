# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bad pod among healthy ones is replaced once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import POD
from ansible_collections.slipway.rollout.plugins.module_utils.gate.bad_pod import Replacement
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check, Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.decision import Ending
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Look
from ansible_collections.slipway.rollout.plugins.module_utils.gate.faults import Faults
from ansible_collections.slipway.rollout.plugins.module_utils.gate.gate import Gate
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Opinion, Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.threshold import Threshold
from ansible_collections.slipway.rollout.plugins.module_utils.gate.loop import Timing
from ansible_collections.slipway.rollout.plugins.module_utils.gate.subject import read_pod
from ansible_collections.slipway.rollout.plugins.module_utils.gate.watched import Watched

from tests.unit.gate.builders import FakeClock, ScriptedSource, errors, loop, pod_object, reading, requests, watched
from tests.unit.gate.test_faults import Pods
from tests.unit.store import Store

FAILED = Opinion(Verdict.FAIL, "so")
SEEN = {name: read_pod(pod_object(name) | {"spec": {"nodeName": f"node-{name}"}}, "canary") for name in "abx"}
BAD_POD = Look(1.0, {"a": Events(1, 1000), "b": Events(0, 1000), "x": Events(99, 1000)})
ALL_BAD = Look(1.0, {name: Events(99, 1000) for name in "abx"})


def replacement(**changes: Any) -> tuple[Store, Replacement]:
    store = Store(**changes)
    for name in "abx":
        store.put(POD, "production", pod_object(name))
    return store, Replacement(store.cluster(), Threshold)


def failed(one: Look, **changes: Any) -> Watched:
    return watched(errors(**changes), one, opinion=FAILED)


def test_it_is_deleted_and_told() -> None:
    store, made = replacement()
    told = made.replace([failed(BAD_POD)], SEEN)
    assert told == (
        "replaced x, and the gate begins anew (errors: 2 of 3 pods of canary are healthy; pod x on node node-x has "
        "99 % of the failures)"
    )
    assert POD.path("production", "x") not in store.objects
    assert made.replace([failed(BAD_POD)], SEEN) == ""  # once


def test_a_bad_release_or_an_unknown_pod_is_not_replaced() -> None:
    store, made = replacement()
    assert made.replace([failed(BAD_POD), failed(ALL_BAD, name="other")], SEEN) == ""
    assert made.replace([failed(BAD_POD)], {}) == ""
    assert made.replace([failed(BAD_POD, dry_run=True)], SEEN) == ""
    store.failures[POD.path("production", "x")] = [403]
    assert made.replace([failed(BAD_POD)], SEEN) == ""
    assert made.replaced == ()


@dataclass
class Shop:
    """Three pods with 100 requests a second each; the third fails until it is deleted, or all of them do."""

    clock: FakeClock
    store: Store
    all_bad: bool = False
    at: dict[str, list[float]] = field(default_factory=dict)

    def read(self, *_asked: Any) -> Any:
        now = self.clock.wall()
        found = []
        for name in "abx":
            good, bad = self.at.setdefault(name, [0.0, 0.0])
            wrong = 50 if self.all_bad or name == "x" else 0
            self.at[name] = [good + 100 - wrong, bad + wrong]
            found += requests(now, *self.at[name], pod=name)
        return reading(now, *found)


def run(*, all_bad: bool = False, checks: Sequence[Check] = ()) -> tuple[Gate, Ending]:
    clock = FakeClock()
    store, made = replacement()
    shop = Shop(clock, store, all_bad)
    source = ScriptedSource([shop.read])
    faults = Faults(Pods(list(SEEN.values())), {"canary"}, clock)  # type: ignore[arg-type]
    one = loop(*(checks or [errors()]), source=source, clock=clock, faults=faults, timing=Timing(1.0, 5.0))
    one.bad_pod = made
    found = Gate(one).run()
    return Gate(one), Ending(found.verdict, found.reason)


def test_the_gate_goes_on_without_it() -> None:
    gate, ending = run()
    assert ending.verdict is Verdict.PASS
    assert gate.loop.looks == 6  # one that showed it, and five of the gate begun anew
    assert gate.loop.notes[0].startswith("replaced x, and the gate begins anew")
    assert set(gate.loop.watched[0].evidence.pods) == {"a", "b"}


def test_a_release_that_is_bad_fails_at_once() -> None:
    gate, ending = run(all_bad=True)
    assert ending == Ending(
        Verdict.FAIL,
        "errors: 150 of 300 requests (50 %) failed, the limit is 1 %. "
        "Of errors: all 3 pods of canary have a part in it; 100 % of the failures have status 500",
    )
    assert gate.loop.looks == 1


def test_what_was_known_before_is_kept_when_it_begins_anew() -> None:
    one = failed(BAD_POD)
    one.evidence.history = [{"m": Events(1, 9)}]
    fresh = one.anew()
    assert (fresh.evidence.history, fresh.evidence.added, fresh.check) == (one.evidence.history, 0, one.check)
    assert replace(fresh.check) == one.check
