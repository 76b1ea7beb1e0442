# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters, Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Look
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.slo import Slo

from tests.unit.gate.builders import ALL, BAD, errors
from tests.unit.gate.judges.test_sequential import evidence, look

ALONE = errors(limit=0.02)
BOTH = errors(limit=0.02, baseline=Counters((BAD,), (ALL,)))


def test_above_the_limit_fails() -> None:
    found = Slo().opinion(ALONE, evidence(*(look(n, 8, 100) for n in range(10))), final=False)
    assert found.verdict is Verdict.FAIL
    assert found.reason.startswith("80 of 1000 requests (8 %) failed, the limit is 2 %; evidence against it")


def test_clearly_below_passes() -> None:
    found = Slo().opinion(ALONE, evidence(*(look(n, 0, 100) for n in range(10))), final=False)
    assert found.verdict is Verdict.PASS


def test_too_little_is_inconclusive_with_what_it_needs() -> None:
    found = Slo().opinion(ALONE, evidence(look(1, 1, 100)), final=True)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "a healthy release needs about" in found.reason
    assert found.assessment is not None
    assert found.assessment.ratio == pytest.approx(0.5)


@pytest.mark.parametrize(("final", "verdict"), [(False, Verdict.UNDECIDED), (True, Verdict.INCONCLUSIVE)])
def test_an_incident_of_both_arms_is_told_and_blamed_on_neither(final: bool, verdict: Verdict) -> None:
    found = Slo().opinion(BOTH, evidence(*(look(n, 8, 100, 72, 900) for n in range(10))), final=final)
    assert found.verdict is verdict
    assert "an incident of both, no fault of this release" in found.reason


def test_in_an_incident_a_canary_that_is_worse_is_still_blamed() -> None:
    found = Slo().opinion(BOTH, evidence(*(look(n, 40, 100, 72, 900) for n in range(10))), final=False)
    assert found.verdict is Verdict.FAIL


def test_without_history_minutes_are_judged_and_it_is_said() -> None:
    looks = [look(15.0 * n, 7 + n % 2, 100) for n in range(40)]
    found = Slo().opinion(ALONE, evidence(*looks, history=()), final=False)
    assert found.verdict is Verdict.FAIL
    assert found.assessment is not None
    assert found.assessment.method == "t-test on minutes against a limit"


def test_nothing_seen() -> None:
    found = Slo().opinion(ALONE, evidence(Look(1.0, {"canary-1": Events(0, 0)})), final=True)
    assert found.reason == "no requests were seen, which is not the same as no failures"
    assert found.verdict is Verdict.INCONCLUSIVE


def test_what_an_incident_has_shown_is_not_held_against_the_canary_afterwards() -> None:
    incident, calm = [look(n, 8, 100, 72, 900) for n in range(10)], [look(n, 0, 100, 0, 900) for n in range(10, 60)]
    judge, seen = Slo(), evidence(*incident)
    assert judge.opinion(BOTH, seen, final=False).shared
    for one in calm:
        seen.add(one)
        found = judge.opinion(BOTH, seen, final=False)
    assert (found.verdict, found.shared) == (Verdict.UNDECIDED, True)
