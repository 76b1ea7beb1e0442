# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import tracemalloc
from time import process_time

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters, Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Evidence, Look
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.sequential import (
    Margins,
    Sequential,
    observed_ratio,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.assessment import Errors
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.ratio import Arms
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.gate.builders import ALL, BAD, errors

CHECK = errors(baseline=Counters((BAD,), (ALL,)))
STEADY = [{f"stable-{pod}": Events(6 + (n + pod) % 3, 700) for pod in range(3)} for n in range(120)]


def evidence(*looks: Look, history: object = STEADY) -> Evidence:
    found = Evidence()
    found.history = history  # type: ignore[assignment]
    for one in looks:
        found.add(one)
    return found


def look(at: float, bad: float, total: float, theirs: float = 9, every: float = 900) -> Look:
    return Look(at, {"canary-1": Events(bad, total)}, baseline={"stable-1": Events(theirs, every)})


def test_a_worse_release_fails_with_all_that_is_known() -> None:
    found = Sequential().opinion(CHECK, evidence(*(look(n, 5, 100) for n in range(10))), final=False)
    assert found.verdict is Verdict.FAIL
    assert found.reason.startswith(
        "50 of 1000 requests (5 %) failed, stable's 90 of 9000 requests (1 %): 5 times as often, where 1.25 may be; "
        "evidence against it "
    )
    assert found.reason.endswith(" to 1, where 100 to 1 suffices")
    assert found.events == Events(50, 1000)
    assert found.assessment is not None
    assert found.assessment.as_dict()["decision"] == "rollback"


def test_a_healthy_release_passes_early() -> None:
    found = Sequential().opinion(CHECK, evidence(*(look(n, 1, 100) for n in range(100))), final=False)
    assert found.verdict is Verdict.PASS
    assert "1 times as often, where 1.5 may be; evidence for it" in found.reason


def test_too_little_traffic_says_how_much_more() -> None:
    judge, seen = Sequential(), evidence(*(look(n, 1, 100) for n in range(3)))
    assert judge.opinion(CHECK, seen, final=False).verdict is Verdict.UNDECIDED
    found = judge.opinion(CHECK, seen, final=True)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "a healthy release needs about" in found.reason


def test_judged_minute_by_minute_it_promises_no_number_of_requests() -> None:
    """A t-test's evidence grows by minutes; what a mixture would need says nothing of it."""
    seen = evidence(*(look(15.0 * n, 100, 10_000, 900, 90_000) for n in range(1, 9)), history=())
    found = Sequential().opinion(CHECK, seen, final=True)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "more requests" not in found.reason
    assert found.assessment is not None
    assert found.assessment.needed is None


def test_who_has_had_more_than_is_usual_still_needs_some() -> None:
    """Twice as many requests as a healthy release needs, at a ratio between both margins."""
    found = Sequential().opinion(CHECK, evidence(*(look(n, 135, 10_000) for n in range(2))), final=True)
    assert found.assessment is not None
    assert found.assessment.needed is not None
    assert found.assessment.needed > 1000


def test_without_history_the_verdict_says_so() -> None:
    found = Sequential().opinion(CHECK, evidence(look(1, 5, 100), history=()), final=True)
    assert "too few bad events before it to know how they cluster" in found.reason
    assert found.assessment is not None
    assert found.assessment.method == "paired t-test on minutes"


@pytest.mark.parametrize(
    ("looks", "silent"), [([look(1, 0, 0)], "the canary"), ([look(1, 1, 100, 0, 0)], "the arm stable"), ([], "the can")]
)
def test_silence_of_an_arm_is_named(looks: list[Look], silent: str) -> None:
    found = Sequential().opinion(CHECK, evidence(*looks), final=True)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert f"no requests of {silent}" in found.reason


def test_alpha_is_what_decides() -> None:
    seen = evidence(*(look(n, 3, 100) for n in range(5)))
    lax = Sequential(Margins(), Errors(alpha=0.2)).opinion(CHECK, seen, final=False)
    strict = Sequential(Margins(), Errors(alpha=1e-9)).opinion(CHECK, seen, final=False)
    assert (lax.verdict, strict.verdict) == (Verdict.FAIL, Verdict.UNDECIDED)


def test_the_ratio_as_observed() -> None:
    assert observed_ratio(Arms(Events(0, 10), Events(0, 10))) is None
    assert observed_ratio(Arms(Events(1, 10), Events(0, 10))) == float("inf")
    assert observed_ratio(Arms(Events(2, 10), Events(1, 10))) == pytest.approx(2.0)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40)), min_size=1, max_size=20), st.data())
def test_look_by_look_or_all_at_once_is_the_same(counts: list[tuple[int, int]], data: st.DataObject) -> None:
    """What is kept between looks is nothing but what was computed of them."""
    looks = [look(float(n), bad, 50, theirs, 400) for n, (bad, theirs) in enumerate(counts)]
    judge, seen = Sequential(), evidence()
    for one in looks:
        seen.add(one)
        if data.draw(st.booleans()):
            judge.opinion(CHECK, seen, final=False)
    assert judge.opinion(CHECK, seen, final=True) == Sequential().opinion(CHECK, evidence(*looks), final=True)


def test_a_look_with_20_checks_costs_at_most_50_ms() -> None:
    judges = [(Sequential(), evidence()) for _check in range(20)]
    looks = 20
    begun = process_time()
    for n in range(looks):
        for judge, seen in judges:
            theirs = {f"stable-{pod}": Events(2, 200) for pod in range(3)}
            seen.add(Look(float(n), {"canary-1": Events(1, 100)}, baseline=theirs))
            judge.opinion(CHECK, seen, final=False)
    assert (process_time() - begun) / looks < 0.05


def test_a_look_with_a_thousand_pods_costs_less_than_2_s() -> None:
    theirs = {f"stable-{pod}": Events(2, 200) for pod in range(900)}
    mine = {f"canary-{pod}": Events(2, 200) for pod in range(100)}
    judge, seen = Sequential(), evidence()
    begun = process_time()
    seen.add(Look(1.0, mine, baseline=theirs))
    judge.opinion(CHECK, seen, final=False)
    assert process_time() - begun < 2.0


def test_memory_is_flat() -> None:
    """From the thousandth to the ten thousandth look, with what an Evidence keeps already full."""
    judge, seen = Sequential(), Evidence(kept=100)
    tracemalloc.start()
    sizes = []
    for n in range(10_001):
        seen.add(look(15.0 * n, 0, 100, theirs=0))
        judge.opinion(CHECK, seen, final=False)
        if n in (1000, 10_000):
            sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert sizes[1] < sizes[0] + 10_000
