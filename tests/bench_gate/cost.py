# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look at 20 checks costs, with 3 pods and with 1,000, from the source's series to the verdicts; and whether it
grows.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from time import process_time

from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check, Counters
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import KEPT
from ansible_collections.slipway.rollout.plugins.module_utils.gate.increments import Increments
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.sequential import Sequential
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Reading, Sample, Series
from ansible_collections.slipway.rollout.plugins.module_utils.gate.watched import Watched

SCRAPE = 15.0


def costs() -> dict[str, float]:
    """CPU time of a look in milliseconds, and bytes."""
    return {
        "judge_ms_per_look": ms_per_look(checks=20, pods=3, looks=100),
        "judge_ms_per_look_1000_pods": ms_per_look(checks=20, pods=1000, looks=5),
        "bytes_grown_in_10000_looks": bytes_grown(10_000),
    }


class _Gate:
    """Checks of metrics of their own: nothing is shared but the reading."""

    def __init__(self, checks: int) -> None:
        self.increments = Increments()
        self.watched = [(Watched.of(_check(number), 5), Sequential()) for number in range(checks)]

    def look(self, reading: Reading) -> None:
        gains = self.increments.add(reading)
        for one, judge in self.watched:
            one.evidence.add(one.see(reading, gains))
            one.judge(judge, final=False)


def ms_per_look(*, checks: int, pods: int, looks: int) -> float:
    gate, spent = _Gate(checks), 0.0
    for reading in _readings(checks, pods, range(looks + 1)):
        begun = process_time()
        gate.look(reading)
        spent += process_time() - begun
    return round(1000 * spent / (looks + 1), 3)


def bytes_grown(looks: int) -> int:
    """By how much more memory a check holds after so many looks, once it has as many as it ever keeps."""
    gate = _Gate(1)
    tracemalloc.start()
    try:
        for reading in _readings(1, 3, range(KEPT + 1)):
            gate.look(reading)
        before, _peak = tracemalloc.get_traced_memory()
        for reading in _readings(1, 3, range(KEPT + 1, KEPT + 1 + looks)):
            gate.look(reading)
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def _check(number: int) -> Check:
    name = f"requests_{number}_total"
    arms = [
        Counters((Selector.parse(f'{name}{{arm="{arm}",status=~"5.."}}'),), (Selector.parse(f'{name}{{arm="{arm}"}}'),))
        for arm in ("canary", "stable")
    ]
    return Check(name, arms[0], baseline=arms[1])


def _readings(checks: int, pods: int, looks: range) -> Iterator[Reading]:
    """A third of the pods are the canary's; each has two series for each check."""
    for look in looks:
        at = SCRAPE * look
        yield Reading(at, tuple(
            Series.of(f"requests_{number}_total",
                      {"arm": "canary" if pod < pods / 3 else "stable", "pod": f"pod-{pod}", "status": status},
                      [Sample(at, float(look * grown))], f"pod-{pod}")
            for number in range(checks)
            for pod in range(pods)
            for status, grown in (("200", 200), ("500", pod % 3))
        ))  # fmt: skip
