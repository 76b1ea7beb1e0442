# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gate that waits for a person."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.gate.decision import Ending
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.pause import Answer, Pause

from tests.unit.gate.builders import FakeClock

OPEN = Ending(Verdict.INCONCLUSIVE, "errors: 3 of 100 requests failed", undecided=True)


def test_it_says_why_and_for_how_long_and_what_to_do() -> None:
    asked: list[str] = []
    pause = Pause(FakeClock(), 60.0, lambda why: asked.append(why) or "Type this.")
    assert pause.start(OPEN) == (
        "PAUSED, the evidence does not suffice: errors: 3 of 100 requests failed. The split stays, for at most 60 s. "
        "Type this."
    )
    assert (asked, pause.question) == ([OPEN.reason], OPEN)
    assert "an incident of both arms" in Pause(FakeClock()).start(Ending(Verdict.INCONCLUSIVE, "so", shared=True))


def test_its_end_leaves_it_undecided() -> None:
    clock = FakeClock()
    pause = Pause(clock, 60.0)
    pause.start(OPEN)
    assert pause.over(OPEN) is None
    clock.sleep(60)
    ending = pause.over(OPEN)
    assert ending is not None
    assert (ending.undecided, ending.reason) == (True, f"{OPEN.reason}; nobody has decided in 60 s")


def test_answers_are_looked_for_now_and_then() -> None:
    clock, answers = FakeClock(), [None, Answer(True, "ann", "a partner's outage"), Answer(False)]
    pause = Pause(clock, answer=lambda: answers.pop(0))
    assert pause.answered() is None
    assert (pause.answered(), len(answers)) == (None, 2)
    clock.sleep(5)
    assert pause.answered() == Ending(Verdict.PASS, "ann has decided that it passes: a partner's outage")
    clock.sleep(5)
    assert pause.answered() == Ending(Verdict.FAIL, "somebody has decided that it fails")
