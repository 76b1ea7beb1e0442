# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a gate ends: not before it has soaked, as soon as the evidence suffices, and what if it never does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check
from ansible_collections.slipway.rollout.plugins.module_utils.gate.decision import Ending, Policy, fails
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Evidence
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Judge, Opinion, Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.loop import Timing
from ansible_collections.slipway.rollout.plugins.module_utils.gate.pause import Answer, Pause
from ansible_collections.slipway.rollout.plugins.module_utils.gate.watched import Watched

from tests.unit.gate.builders import FakeClock, Steady, errors, loop, unreachable
from tests.unit.gate.runs import nothing

PAUSING = Policy(3, undecided="pause")


@dataclass
class Mind:
    """A judge that thinks what is written here, look by look, and then always the last of it."""

    words: dict[str, list[Opinion]]
    finals: list[bool] = field(default_factory=list)

    def opinion(self, check: Check, _evidence: Evidence, *, final: bool) -> Opinion:
        self.finals.append(final)
        words = self.words[check.name]
        found = words.pop(0) if len(words) > 1 else words[0]
        if found.verdict is Verdict.UNDECIDED and final:
            return Opinion(Verdict.INCONCLUSIVE, found.reason, shared=found.shared)
        return found


@dataclass
class Run:
    ending: Ending
    seconds: float
    notes: Sequence[str]
    watched: Sequence[Watched]


OPEN, GOOD, BAD = (Opinion(v, "so") for v in (Verdict.UNDECIDED, Verdict.PASS, Verdict.FAIL))
SHARED = Opinion(Verdict.UNDECIDED, "both are bad", shared=True)


def run(
    judge: Judge,
    *checks: Check,
    policy: Policy | None = None,
    answers: Sequence[Answer | None] = (),
    min_soak: float = 0.0,
    failing: Sequence[int] = (),
    returns: bool = False,
) -> Run:
    clock, said = FakeClock(), list(answers)
    source = Steady(clock, failing=lambda gone: unreachable() if round(gone) in failing else None)
    pause = Pause(clock, 20.0, answer=lambda: said.pop(0) if said else None, returns=returns)
    made = loop(
        *(checks or (errors(),)),
        source=source, clock=clock, judge=judge, pause=pause, policy=policy or Policy(3),
        timing=Timing(1.0, 5.0, min_soak=min_soak),
    )  # fmt: skip
    return Run(made.run(nothing), clock.now - 1000.0, made.notes, made.watched)


def test_it_passes_as_soon_as_the_evidence_suffices() -> None:
    found = run(Mind({"errors": [OPEN, OPEN, GOOD]}))
    assert (found.ending.verdict, found.seconds) == (Verdict.PASS, 3.0)


def test_but_not_before_it_has_soaked() -> None:
    found = run(Mind({"errors": [GOOD]}), min_soak=4.0)
    assert (found.ending.verdict, found.seconds) == (Verdict.PASS, 4.0)


def test_it_fails_whenever_it_must() -> None:
    found = run(Mind({"errors": [OPEN, BAD]}), min_soak=4.0)
    assert (found.ending.verdict, found.seconds) == (Verdict.FAIL, 2.0)


def test_a_limit_beside_evidence_does_not_hold_it_up() -> None:
    checks = errors(name="weighed", judge="sequential"), errors(name="limit")
    last = [OPEN, OPEN, GOOD]  # the third is the last word that is asked for
    found = run(Mind({"weighed": [OPEN, GOOD], "limit": last}), *checks)
    assert (found.ending.verdict, found.seconds) == (Verdict.PASS, 2.0)


@pytest.mark.parametrize(("undecided", "fails"), [("fail", True), ("pass", False)])
def test_undecided_when_time_is_up(undecided: str, fails: bool) -> None:
    found = run(Mind({"errors": [OPEN]}), policy=Policy(3, undecided=undecided))
    assert (found.ending.verdict, found.ending.undecided, found.seconds) == (Verdict.INCONCLUSIVE, True, 5.0)


def test_a_pause_goes_on_until_the_evidence_suffices() -> None:
    found = run(Mind({"errors": [OPEN] * 8 + [GOOD]}), policy=PAUSING)
    assert (found.ending.verdict, found.seconds) == (Verdict.PASS, 9.0)
    assert found.notes[0].startswith("PAUSED, the evidence does not suffice: errors: so.")


def test_a_pause_fails_when_the_evidence_does() -> None:
    found = run(Mind({"errors": [OPEN] * 8 + [BAD]}), policy=PAUSING)
    assert (found.ending.verdict, found.seconds) == (Verdict.FAIL, 9.0)


def test_a_person_may_say_how_it_ends() -> None:
    found = run(Mind({"errors": [OPEN]}), policy=PAUSING, answers=[None, Answer(True, "ann", "known")])
    assert found.ending == Ending(Verdict.PASS, "ann has decided that it passes: known")
    assert found.seconds == 7.0


def test_a_pause_may_be_somebody_elses_to_tell() -> None:
    found = run(Mind({"errors": [OPEN]}), policy=PAUSING, returns=True)
    assert (found.ending.paused, found.ending.undecided, found.seconds) == (True, True, 5.0)
    assert found.notes == ["PAUSED, the evidence does not suffice: errors: so. The split stays."]
    assert not fails(found.ending, PAUSING)


def test_a_pause_that_nobody_ends_is_undecided() -> None:
    found = run(Mind({"errors": [OPEN]}), policy=PAUSING)
    assert (found.ending.undecided, found.seconds) == (True, 25.0)
    assert found.ending.reason == "errors: so; nobody has decided in 20 s"


def test_a_look_without_an_answer_ends_no_pause() -> None:
    found = run(Mind({"errors": [OPEN]}), policy=PAUSING, failing=(8, 9, 24, 25))
    assert found.ending.undecided
    lost = run(Mind({"errors": [OPEN]}), policy=PAUSING, failing=(8, 9, 10))
    assert (lost.ending.undecided, lost.seconds) == (False, 10.0)


def test_an_incident_of_both_arms_pauses_whatever_the_policy() -> None:
    found = run(Mind({"errors": [SHARED]}), policy=Policy(3, undecided="fail"))
    assert (found.ending.shared, found.seconds) == (True, 25.0)
    assert "an incident of both arms" in found.notes[0]


def test_kayentas_judge_is_asked_once() -> None:
    mind = Mind({"errors": [OPEN]})
    run(mind, errors(judge="kayenta"), policy=PAUSING)
    assert mind.finals == [False] * 4 + [True]


def test_a_dry_run_is_judged_and_never_decides() -> None:
    checks = errors(name="live"), errors(name="dry", dry_run=True)
    found = run(Mind({"live": [OPEN, OPEN, GOOD], "dry": [BAD]}), *checks)
    assert (found.ending, found.seconds) == (Ending(Verdict.PASS, "live: so"), 3.0)
    assert found.watched[1].opinion.verdict is Verdict.FAIL


def test_dry_runs_alone_take_their_time() -> None:
    found = run(Mind({"errors": [BAD]}), errors(dry_run=True))
    assert (found.ending, found.seconds) == (Ending(Verdict.PASS, "all checks are dry runs"), 5.0)
