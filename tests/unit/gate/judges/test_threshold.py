# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixed limits: fast with what is clear, patient with what is not."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from math import comb, inf

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check, Counters, Events, Gauge
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Evidence, Look
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.threshold import Threshold, tail
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from hypothesis import given
from hypothesis import strategies as st

COUNTERS = Counters((Selector.parse('m{status="500"}'),), (Selector("m"),))
ERRORS = Check("errors", COUNTERS, limit=0.01)
QUEUE = Check("queue", Gauge("max(queue)"), ceiling=100)


def evidence(*looks: Look) -> Evidence:
    found = Evidence()
    for look in looks:
        found.add(look)
    return found


def counted(bad: float, total: float, at: float = 0.0) -> Look:
    return Look(at, {"pod-1": Events(bad, total)})


def verdict(check: Check, *looks: Look, final: bool = False) -> tuple[str, str]:
    opinion = Threshold().opinion(check, evidence(*looks), final=final)
    return opinion.verdict.value, opinion.reason


@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 99))
def test_the_tail_is_that_of_the_binomial_distribution(total: int, bad: int, percent: int) -> None:
    share = Fraction(percent, 100)
    bad = min(bad, total)
    exact = sum(comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(bad, total + 1))
    found = tail(bad, total, percent / 100)
    assert found == pytest.approx(float(exact), rel=1e-6) or (bad <= total * share and found == 1)


@pytest.mark.parametrize(
    ("bad", "total", "share", "expected"), [(0, 10, 0.1, 1), (1, 10, 0, 0), (5, 5, 1, 1), (3, 1e9, 0, 0)]
)
def test_the_ends_of_the_tail(bad: float, total: float, share: float, expected: float) -> None:
    assert tail(bad, total, share) == expected


def test_millions_of_requests_cost_nothing() -> None:
    assert 0 < tail(10_400, 1_000_000, 0.01) < 0.001


def test_a_clear_breach_fails_at_once() -> None:
    assert verdict(ERRORS, counted(4, 12)) == ("fail", "4 of 12 requests (33 %) failed, the limit is 1 %")


@pytest.mark.parametrize(("bad", "total"), [(1, 10), (2, 20), (2, 10), (3, 100), (0, 50), (3, 9)])
def test_stray_failures_and_few_requests_do_not(bad: int, total: int) -> None:
    assert verdict(ERRORS, counted(bad, total))[0] == "undecided"


def test_without_tolerance_one_failure_is_enough() -> None:
    assert verdict(replace(ERRORS, limit=0.0, min_failures=1), counted(1, 50))[0] == "fail"


@pytest.mark.parametrize(
    ("bad", "total", "expected", "words"),
    [
        (0, 0, "inconclusive", "no requests were seen, which is not the same as no failures"),
        (0, 4, "inconclusive", "only 4 requests were seen of the 10 that a verdict needs"),
        (0, 500, "pass", "none of 500 requests failed, the limit is 1 %"),
        (5, 500, "pass", "5 of 500 requests (1 %) failed, the limit is 1 %"),
        (2, 50, "pass", "2 of 50 requests (4 %) failed, the limit is 1 %, but fewer than 3 are taken as stray"),
        (7, 500, "fail", "7 of 500 requests (1.4 %) failed, the limit is 1 %"),
    ],
)
def test_when_time_is_up_the_share_itself_is_compared(bad: int, total: int, expected: str, words: str) -> None:
    assert verdict(ERRORS, counted(bad, total), final=True) == (expected, words)


def test_a_late_break_is_seen_within_the_window_though_the_whole_is_good() -> None:
    good = [counted(0, 1000, at=float(at)) for at in range(100)]
    assert verdict(ERRORS, *good, counted(900, 1000, at=100.0))[0] == "fail"
    late = replace(ERRORS, window=1.5)
    opinion = Threshold().opinion(late, evidence(*good, counted(40, 1000, at=100.0)), final=False)
    assert (opinion.verdict, opinion.events, opinion.since) == (Verdict.FAIL, Events(40, 2000), 98.5)
    assert verdict(replace(ERRORS, window=50.0), *good, counted(40, 1000, at=100.0))[0] == "undecided"


def test_what_was_good_before_the_data_ended_does_not_pass() -> None:
    for gone in (Look(1.0, gap="gone"), Look(1.0, error="broken")):
        assert verdict(ERRORS, counted(0, 500), gone, final=True) == (
            "inconclusive",
            "the data has ended after 1 looks",
        )
    assert verdict(ERRORS, Look(1.0, gap="none"), final=True) == ("inconclusive", "there was never any data")
    assert verdict(ERRORS, Look(1.0, gap="none")) == ("undecided", "no requests yet")
    assert verdict(ERRORS) == ("undecided", "no requests yet")


@pytest.mark.parametrize(
    ("check", "value", "final", "expected"),
    [
        (QUEUE, 99, False, ("undecided", "the value is 99, the most allowed is 100")),
        (QUEUE, 99, True, ("pass", "the value is 99, the most allowed is 100")),
        (QUEUE, 101, False, ("fail", "the value is 101, the most allowed is 100")),
        (replace(QUEUE, floor=5, ceiling=inf), 4, True, ("fail", "the value is 4, the least allowed is 5")),
        (
            replace(QUEUE, floor=5),
            9,
            True,
            ("pass", "the value is 9, the least allowed is 5 and the most allowed is 100"),
        ),
    ],
)
def test_gauges(check: Check, value: float, final: bool, expected: tuple[str, str]) -> None:
    assert verdict(check, Look(0.0, value=value), final=final) == expected


def test_gauges_without_a_value() -> None:
    assert verdict(QUEUE, Look(0.0, gap="NaN")) == ("undecided", "there was never any data")
    assert verdict(QUEUE) == ("undecided", "there was never any data")
    assert verdict(QUEUE, Look(0.0, value=1), Look(1.0, gap="NaN"), final=True)[0] == "inconclusive"


def test_a_third_of_failures_at_twenty_requests_a_second_is_decided_within_a_second() -> None:
    """The simulated time from the first failed request to the verdict, with looks every 0.25 s."""
    delays = sorted(_delay(random.Random(seed)) for seed in range(300))
    assert delays[150] <= 0.6
    assert delays[270] <= 0.8


def test_a_healthy_release_below_its_limit_lives() -> None:
    """Half the limit, 1200 requests, a look every five of them: hardly one gate in a thousand may fail early."""
    assert sum(_killed(random.Random(seed)) for seed in range(400)) <= 1


def _delay(rng: random.Random) -> float:
    bad = 0
    first = None
    look = 0.25 * rng.random()
    for total in range(400):
        now = total / 20
        while look < now:
            if verdict(ERRORS, counted(bad, total))[0] == "fail" and first is not None:
                return look - first
            look += 0.25
        if rng.random() < 1 / 3:
            bad += 1
            first = now if first is None else first
    return 99.0


def _killed(rng: random.Random) -> bool:
    bad = 0
    for total in range(5, 1205, 5):
        bad += sum(rng.random() < 0.005 for _request in range(5))
        if bad >= ERRORS.min_failures and verdict(ERRORS, counted(bad, total))[0] == "fail":
            return True
    return False
