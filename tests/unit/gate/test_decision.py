# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From checks to the end of a gate."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check, Counters, Events, Gauge
from ansible_collections.slipway.rollout.plugins.module_utils.gate.decision import Ending, Policy, decide, fails
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Look
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Opinion, Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.sequential import Sequential
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.threshold import Threshold
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.watched import Watched

from tests.unit.gate import builders
from tests.unit.gate.judges import test_sequential as sequential

ERRORS = Check("errors", Counters((Selector("b"),), (Selector("m"),)), limit=0.01)
QUEUE = Check("queue", Gauge("q"), ceiling=100, failures=1, looks=3)
POLICY = Policy(patience=3)
GONE, BROKEN = Look(0.0, gap="no series matches"), Look(0.0, error="HTTP 500")


def watched(check: Check, *looks: Look, final: bool = False) -> Watched:
    one = Watched.of(check, POLICY.patience)
    for number, look in enumerate(looks, 1):
        one.evidence.add(look)
        one.judge(Threshold(), final=final and number == len(looks))
    return one


def requests(bad: float, total: float) -> Look:
    return Look(0.0, {"pod": Events(bad, total)})


def values(*found: float) -> list[Look]:
    return [Look(0.0, value=value) for value in found]


def ending(*found: Watched, faults: str = "", final: bool = False, policy: Policy = POLICY) -> tuple[str, str] | None:
    end = decide(found, policy, faults, final=final)
    return None if end is None else (end.verdict.value, end.reason)


def test_a_gate_goes_on_until_time_is_up() -> None:
    assert ending(watched(ERRORS, requests(0, 50)), watched(QUEUE, *values(5))) is None
    assert ending(watched(ERRORS, requests(0, 50), final=True), watched(QUEUE, *values(5), final=True), final=True) == (
        "pass",
        "errors: none of 50 requests failed, the limit is 1 %; queue: the value is 5, the most allowed is 100",
    )


def test_one_failure_ends_it() -> None:
    good, bad = watched(ERRORS, requests(0, 50)), watched(replace(ERRORS, name="own"), requests(9, 12))
    assert ending(good, bad) == ("fail", "own: 9 of 12 requests (75 %) failed, the limit is 1 %")


def test_a_score_of_all_stands_in_the_place_of_each() -> None:
    good, bad = watched(ERRORS, requests(0, 50), final=True), watched(replace(ERRORS, name="own"), requests(9, 12))
    score = Opinion(Verdict.PASS, "the score is 96")
    assert decide([good, bad], POLICY, "", final=True, score=score) == Ending(Verdict.PASS, "the score is 96")
    gone = decide([good, bad], POLICY, "pod x is gone", final=True, score=score)
    assert gone == Ending(Verdict.FAIL, "pod x is gone")


def test_a_failure_outweighs_what_cannot_be_said() -> None:
    bad, unclear = watched(ERRORS, requests(9, 12)), watched(QUEUE, BROKEN, BROKEN, BROKEN)
    assert ending(bad, unclear) == ("fail", "errors: 9 of 12 requests (75 %) failed, the limit is 1 %")


def test_looks_that_may_fail_are_forgiven_and_told() -> None:
    assert ending(watched(QUEUE, *values(500))) is None
    assert ending(watched(QUEUE, *values(500, 5, 500))) == (
        "fail",
        "queue: the value is 500, the most allowed is 100 (2 of the last 3 looks, 1 may)",
    )
    assert ending(watched(QUEUE, *values(5, 5, 500), final=True), final=True) == (
        "pass",
        "queue: the value is 500, the most allowed is 100 (1 of the last 3 looks, 1 may)",
    )


def test_a_share_that_is_too_large_at_the_end_is_not_forgiven() -> None:
    lenient = replace(ERRORS, failures=2, looks=5)
    assert ending(watched(lenient, requests(9, 500), final=True), final=True) == (
        "fail",
        "errors: 9 of 500 requests (1.8 %) failed, the limit is 1 % (1 of the last 1 looks, 2 may)",
    )


def test_pods_that_fail_fail_the_gate_unless_they_are_only_told() -> None:
    good = watched(ERRORS, requests(0, 50))
    assert ending(good, faults="pod a has restarted once") == ("fail", "pod a has restarted once")
    assert ending(good, faults="pod a has restarted once", policy=replace(POLICY, pods_fail=False)) is None


def test_no_answer_too_often_in_a_row_is_inconclusive() -> None:
    assert ending(watched(ERRORS, BROKEN, BROKEN)) is None
    assert ending(watched(ERRORS, BROKEN, BROKEN, requests(0, 5), BROKEN)) is None
    both = [watched(ERRORS, BROKEN, BROKEN, BROKEN), watched(QUEUE, BROKEN, BROKEN, BROKEN)]
    assert ending(*both) == ("inconclusive", "there were no measurements in 3 looks in a row: HTTP 500")
    one = [watched(ERRORS, requests(0, 5)), watched(QUEUE, BROKEN, BROKEN, BROKEN)]
    assert ending(*one) == (
        "inconclusive",
        "queue: no answer: HTTP 500 (the last 3 looks, as in all before)",
    )


@pytest.mark.parametrize(
    ("wish", "early", "late"),
    [("wait", None, "inconclusive"), ("fail", "fail", "fail"), ("inconclusive", "inconclusive", "inconclusive")],
)
def test_no_data_has_the_outcome_that_was_asked_for(wish: str, early: str | None, late: str) -> None:
    check = replace(ERRORS, on_no_data=wish)
    assert ending(watched(check, GONE, GONE)) is None
    found = ending(watched(check, GONE, GONE, GONE))
    assert (found[0] if found else None) == early
    last = ending(watched(check, requests(0, 50), GONE, final=True), final=True)
    assert last == (late, "errors: no data: no series matches (the last look)")


def test_no_requests_are_no_pass() -> None:
    found = ending(watched(ERRORS, requests(0, 0), final=True), final=True)
    assert found == ("inconclusive", "errors: no requests were seen, which is not the same as no failures")


@pytest.mark.parametrize(
    ("end", "policy", "expected"),
    [
        (Ending(Verdict.PASS, ""), POLICY, False),
        (Ending(Verdict.FAIL, ""), POLICY, True),
        (Ending(Verdict.INCONCLUSIVE, ""), POLICY, True),
        (Ending(Verdict.INCONCLUSIVE, ""), replace(POLICY, inconclusive_fails=False), False),
        (Ending(Verdict.INCONCLUSIVE, "", "stopped"), replace(POLICY, inconclusive_fails=False), True),
    ],
)
def test_what_makes_the_task_fail(end: Ending, policy: Policy, expected: bool) -> None:
    assert fails(end, policy) is expected


def test_what_is_undecided_says_how_long_the_missing_traffic_takes() -> None:
    check = builders.errors(judge="sequential")
    one = builders.watched(check, *(sequential.look(second, 1, 100, 9, 900) for second in range(20)))
    one.evidence.history = sequential.STEADY
    one.judge(Sequential(), final=True)
    found = decide([one], POLICY, "", final=True)
    assert found is not None
    assert (found.verdict, found.undecided) == (Verdict.INCONCLUSIVE, True)
    assert re.search(r"needs about \d+ more requests \(that is [\d.]+ (s|min) at this traffic\)", found.reason)


def test_without_data_or_requests_nothing_is_undecided() -> None:
    idle = decide([watched(ERRORS, requests(0, 0), final=True)], POLICY, "", final=True)
    gone = decide([watched(ERRORS, requests(0, 50), GONE, final=True)], POLICY, "", final=True)
    few = decide([watched(ERRORS, requests(0, 5), final=True)], POLICY, "", final=True)
    assert [one.undecided for one in (idle, gone, few) if one is not None] == [False, False, True]


def test_a_dry_run_decides_nothing() -> None:
    dry, bad = replace(ERRORS, name="dry", dry_run=True), requests(9, 12)
    assert decide([watched(dry, bad)], POLICY, "", final=False) is None
    good = watched(ERRORS, requests(0, 50), final=True)
    found = decide([good, watched(dry, bad, final=True)], POLICY, "", final=True)
    assert found == Ending(Verdict.PASS, "errors: none of 50 requests failed, the limit is 1 %")


def test_undecided_fails_as_the_policy_has_it() -> None:
    ending = Ending(Verdict.INCONCLUSIVE, "", undecided=True)
    assert [fails(ending, replace(POLICY, undecided=one)) for one in ("fail", "pass", "pause")] == [True, False, True]
    assert fails(replace(ending, error="stopped"), replace(POLICY, undecided="pass"))
