# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan that check mode shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check, Counters, Gauge
from ansible_collections.slipway.rollout.plugins.module_utils.gate.gate import Gate
from ansible_collections.slipway.rollout.plugins.module_utils.gate.loop import Timing
from ansible_collections.slipway.rollout.plugins.module_utils.gate.plan import plan, schedule
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Answer

from tests.unit.gate.builders import reading, series
from tests.unit.gate.runs import BEFORE, ERRORS, QUEUE, SPLIT, FakeSwitch, world

SLOW = Check("slow", Counters((), (Selector("h_bucket"),), bound=0.3), limit=0.05)
JUDGED_AT = "judged at le=0.5, the smallest bucket not below 0.3"
FOUND = (
    series('m{status="200"}', (0, 90)),
    series('m{status="500"}', (0, 10)),
    *(series(f'h_bucket{{le="{le}"}}', (0, 7)) for le in ("0.5", "+Inf")),
)


def test_each_question_is_asked_once_and_nothing_is_set() -> None:
    one, switch = world(reading(0, *FOUND, q=Answer((({}, 5.0),)))), FakeSwitch()
    result = plan(Gate(one.loop(ERRORS, SLOW, QUEUE), switch))
    assert (len(one.source.asked), switch.log) == (1, ["rehearse"])
    assert (result["changed"], result["before"], result["after"]) == (True, BEFORE.as_dict(), SPLIT.as_dict())
    assert result["plan"] == [
        "Source: a scripted source.",
        "Sets the route.",
        "Puts it back.",
        'Check errors (limit 1 %): m; m{status="500"} gives 2 series, 100 counted so far, of them 10 bad (10 %).',
        f"Check slow (limit 5 %): h_bucket gives 1 series, 7 counted so far. {JUDGED_AT}",
        "Check queue (max 100): q gives 5 now.",
        "Looks every 1 s for 5.0 s; ends earlier when a check fails.",
    ]
    assert [check["name"] for check in result["checks"]] == ["errors", "slow", "queue"]
    assert (result["checks"][0]["counted"], result["checks"][2]["value"]) == (100, 5.0)


def test_what_gives_nothing_is_told() -> None:
    memory = Check("memory", Gauge(selector=Selector("g")), ceiling=9)
    result = plan(Gate(world(reading(0, q=Answer(error="HTTP 500"))).loop(ERRORS, memory, QUEUE)))
    errors, gauge, _queue = result["checks"]
    assert (errors["series"], errors["note"]) == (0, "There is no metric m.")
    assert gauge["note"] == "There is no metric g."
    assert "q gives HTTP 500" in result["plan"][3]
    assert (result["changed"], result["before"]) == (False, None)


def test_what_can_never_be_judged_is_told() -> None:
    far = replace(SLOW, measure=Counters((), (Selector("h_bucket"),), bound=3))
    (check,) = plan(Gate(world(reading(0, *FOUND)).loop(far)))["checks"]
    assert check["note"] == "no bucket of the histogram ends at 3 or above; its buckets end at 0.5"


def test_good_events_are_called_good() -> None:
    good = Check("good", Counters((Selector.parse('m{status="200"}'),), (Selector("m"),), good=True), limit=0.05)
    assert "of them 90 good (90 %)" in plan(Gate(world(reading(0, *FOUND)).loop(good)))["msg"]


@pytest.mark.parametrize(
    ("timing", "said"),
    [
        (Timing(0.25, 60), "Looks every 0.25 s for 60 s; ends earlier when a check fails."),
        (Timing(2, None, 5), "Looks every 2 s 5 times, 10 s in all; ends earlier when a check fails."),
        (Timing(1, 5, None, 3), "Looks every 1 s for 5.0 s, after an initial delay of 3.0 s; ends earlier"),
    ],
)
def test_the_schedule(timing: Timing, said: str) -> None:
    assert schedule(timing).startswith(said)


def test_a_gate_that_may_pass_early_says_so() -> None:
    said = schedule(Timing(5.0, 900.0, min_soak=60.0), weighed=True)
    assert said.endswith("; ends earlier when a check fails, or passes when the evidence suffices after 60 s.")
