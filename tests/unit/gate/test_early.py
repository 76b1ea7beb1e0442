# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has fixed limits waits for what is weighed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check
from ansible_collections.slipway.rollout.plugins.module_utils.gate.early import settle
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Evidence
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Opinion, Verdict

from tests.unit.gate.builders import errors, watched

WEIGHED, LIMIT, KAYENTA = errors(name="weighed", judge="sequential"), errors(name="limit"), errors(judge="kayenta")
PASS, FAIL, OPEN = (Opinion(verdict, "so") for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED))


@dataclass
class Last:
    """A judge with a last word."""

    word: Opinion

    def opinion(self, _check: Check, _evidence: Evidence, *, final: bool) -> Opinion:
        assert final
        return self.word


def settled(*pairs: tuple[Check, Opinion], last: Opinion = PASS) -> list[Verdict]:
    found = [watched(check, opinion=opinion) for check, opinion in pairs]
    settle(found, Last(last))
    return [one.opinion.verdict for one in found]


def test_limits_pass_with_the_evidence() -> None:
    assert settled((WEIGHED, PASS), (LIMIT, OPEN)) == [Verdict.PASS, Verdict.PASS]


@pytest.mark.parametrize(
    ("pairs", "last"),
    [
        ([(WEIGHED, OPEN), (LIMIT, OPEN)], PASS),  # the evidence does not suffice
        ([(LIMIT, OPEN)], PASS),  # a limit alone would pass at the first look
        ([(WEIGHED, PASS), (LIMIT, OPEN)], FAIL),  # which only time may tell
        ([(WEIGHED, PASS), (LIMIT, OPEN), (KAYENTA, OPEN)], PASS),  # Kayenta's judge is asked when time is up
    ],
)
def test_else_time_has_to_pass(pairs: list[tuple[Check, Opinion]], last: Opinion) -> None:
    assert settled(*pairs, last=last) == [opinion.verdict for _check, opinion in pairs]


def test_dry_runs_hold_nothing_up() -> None:
    dry = errors(name="dry", judge="sequential", dry_run=True)
    assert settled((WEIGHED, PASS), (LIMIT, OPEN), (dry, OPEN)) == [Verdict.PASS, Verdict.PASS, Verdict.UNDECIDED]
