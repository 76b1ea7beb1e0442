# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from time import process_time

import numpy as np
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Evidence, Look
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.latency import Latency

from tests.unit.gate.builders import ALL, errors
from tests.unit.gate.statistics.test_slowness import requests

CHECK = errors(measure=Counters((), (ALL,), bound=0.3), baseline=Counters((), (ALL,), bound=0.3))


def seen(slower: float, *, looks: int = 40, history: int = 80) -> Evidence:
    random = np.random.default_rng(1)
    found = Evidence()
    found.slowness_history = [requests(random, 675) for _minute in range(history)]
    for n in range(looks):
        found.add(Look(15.0 * n, slowness=(requests(random, 75, slower), requests(random, 675))))
    return found


def test_a_slower_release_fails() -> None:
    found = Latency().opinion(CHECK, seen(1.3), final=False)
    assert found.verdict is Verdict.FAIL
    assert "took longer than 0.3, stable's" in found.reason
    assert "the whole of its response times is slower; evidence against it" in found.reason


def test_a_healthy_release_passes() -> None:
    found = Latency().opinion(CHECK, seen(1.0), final=False)
    assert found.verdict is Verdict.PASS
    assert found.assessment is not None
    assert found.assessment.method == "betting on histograms"


def test_too_little_is_inconclusive() -> None:
    found = Latency().opinion(CHECK, seen(1.0, looks=2), final=True)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "a healthy release needs about" in found.reason


def test_without_history_it_says_what_it_does_not_know() -> None:
    found = Latency().opinion(CHECK, seen(1.0, looks=0, history=0), final=True)
    assert found.reason == "too few requests of stable were seen to know how slow they usually are"
    found = Latency().opinion(CHECK, seen(1.0, looks=0), final=True)
    assert found.reason == "no requests of both arms were seen, so there is nothing to compare"


def test_a_look_with_20_checks_costs_at_most_50_ms() -> None:
    evidence = seen(1.0)
    judges = [Latency() for _check in range(20)]
    begun = process_time()
    for judge in judges:
        judge.opinion(CHECK, evidence, final=False)
    assert (process_time() - begun) / len(evidence.looks) < 0.05
