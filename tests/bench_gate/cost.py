# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look at 20 checks costs the real judges, with 3 pods in each arm and with 1,000; and whether they grow."""

from __future__ import annotations

import tracemalloc
from time import process_time

from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check, Counters, Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import KEPT, Evidence, Look
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.sequential import Sequential
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector

_CHECK = Check("errors", Counters((Selector("bad"),), (Selector("all"),)))


def costs() -> dict[str, float]:
    """Of looks at 20 checks."""
    return {
        "judge_ms_per_look": judge_ms_per_look(pods=3, looks=100),
        "judge_ms_per_look_1000_pods": judge_ms_per_look(pods=1000, looks=30),
        "bytes_grown_in_10000_looks": bytes_grown(10_000),
    }


def judge_ms_per_look(*, checks: int = 20, pods: int, looks: int) -> float:
    """CPU time of a look at all checks, in milliseconds, with so many pods in each arm."""
    judges = [(Sequential(), Evidence()) for _check in range(checks)]
    begun = process_time()
    _looked(judges, pods, range(looks))
    return round(1000 * (process_time() - begun) / looks, 3)


def bytes_grown(looks: int) -> int:
    """By how much more memory a check holds after so many looks, once it has as many as it ever keeps."""
    judges = [(Sequential(), Evidence())]
    tracemalloc.start()
    try:
        _looked(judges, 3, range(KEPT + 1))
        before, _peak = tracemalloc.get_traced_memory()
        _looked(judges, 3, range(KEPT + 1, KEPT + 1 + looks))
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def _looked(judges: list[tuple[Sequential, Evidence]], pods: int, looks: range) -> None:
    arms = [{f"{arm}-{pod}": Events(float(pod % 3), 200.0) for pod in range(pods)} for arm in ("canary", "stable")]
    for look in looks:
        for judge, evidence in judges:
            evidence.add(Look(15.0 * look, arms[0], baseline=arms[1]))
            judge.opinion(_CHECK, evidence, final=False)
