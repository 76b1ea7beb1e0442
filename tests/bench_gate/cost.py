# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look costs: a gate of 20 checks and 3 pods, and one of 1,000 pods, by the real judges."""

from __future__ import annotations

from time import process_time

from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check, Counters, Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Evidence, Look
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.sequential import Sequential
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector

_CHECK = Check("errors", Counters((Selector("bad"),), (Selector("all"),)))


def judge_ms_per_look(checks: int = 20, pods: int = 3, looks: int = 100) -> float:
    """CPU time of a look at all checks, in milliseconds."""
    judges = [(Sequential(), Evidence()) for _check in range(checks)]
    pods_of = [{f"{arm}-{pod}": Events(float(pod % 3), 200.0) for pod in range(pods)} for arm in ("canary", "stable")]
    begun = process_time()
    for look in range(looks):
        for judge, evidence in judges:
            evidence.add(Look(15.0 * look, pods_of[0], baseline=pods_of[1]))
            judge.opinion(_CHECK, evidence, final=False)
    return round(1000 * (process_time() - begun) / looks, 3)
