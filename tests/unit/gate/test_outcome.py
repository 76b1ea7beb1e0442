# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last words of a gate: the verdict first, then where traffic goes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.decision import Policy
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.outcome import message
from ansible_collections.slipway.rollout.plugins.module_utils.gate.switch import Rollback
from ansible_collections.slipway.rollout.plugins.module_utils.gate.verdict import GateResult
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split

STRICT, LENIENT = Policy(inconclusive_fails=True), Policy(inconclusive_fails=False)
STABLE = Split.parse({"stable": 100, "canary": 0})
BACK = Rollback(True, 0.2, STABLE)
FAILED = GateResult(Verdict.FAIL, "errors: 9 of 9 requests failed.", [], 4, 3.0)
UNCLEAR = replace(FAILED, verdict=Verdict.INCONCLUSIVE, reason="errors: no data")


def test_a_pass_says_so_and_nothing_of_routes() -> None:
    passed = replace(FAILED, verdict=Verdict.PASS, reason="errors: none failed", after={"stable": 90, "canary": 10})
    assert message(passed, STRICT) == (False, "Passed after 3.0 s: errors: none failed.")


def test_a_failure_says_that_the_route_is_back() -> None:
    assert message(replace(FAILED, rollback=BACK), STRICT) == (
        True,
        "Failed after 3.0 s: errors: 9 of 9 requests failed. The route is back at stable 100 %, canary 0 %.",
    )


def test_a_route_that_is_not_back_cannot_be_overlooked() -> None:
    lost = replace(FAILED, rollback=Rollback(False, 30.0, STABLE, error="Nobody answers."))
    assert message(lost, STRICT)[1].endswith("THE ROUTE IS NOT BACK at stable 100 %, canary 0 %. Nobody answers.")


def test_a_route_that_is_back_but_not_followed_tells_both() -> None:
    slow = replace(FAILED, rollback=replace(BACK, error="Traffic has not followed."))
    said = "The route is back at stable 100 %, canary 0 %. Traffic has not followed."
    assert message(slow, STRICT)[1].endswith(said)


def test_a_split_that_stays_is_told() -> None:
    kept = replace(FAILED, after={"stable": 90, "canary": 10})
    assert message(kept, STRICT)[1].endswith("The split stays, because on_fail is not given.")
    assert message(FAILED, STRICT)[1].endswith("requests failed.")


@pytest.mark.parametrize(("policy", "failed"), [(STRICT, True), (LENIENT, False)])
def test_whether_the_task_fails_when_nothing_can_be_said_is_the_policy_s(policy: Policy, failed: bool) -> None:
    assert message(UNCLEAR, policy) == (failed, "Inconclusive after 3.0 s: errors: no data.")


def test_a_pause_is_no_failure() -> None:
    paused = replace(UNCLEAR, paused=True)
    assert message(paused, STRICT) == (False, "Paused after 3.0 s: errors: no data.")


def test_a_gate_that_was_stopped_fails_in_any_case() -> None:
    assert message(replace(UNCLEAR, error="stopped"), LENIENT)[0]
