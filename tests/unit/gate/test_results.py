# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a loop that has ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check, Counters, Gauge
from ansible_collections.slipway.rollout.plugins.module_utils.gate.decision import Ending
from ansible_collections.slipway.rollout.plugins.module_utils.gate.gate import Gate
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.results import result as outcome
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Answer
from ansible_collections.slipway.rollout.plugins.module_utils.gate.switch import Rollback

from tests.unit.gate.builders import ScriptedSource, reading, series, unreachable
from tests.unit.gate.runs import BACK, ERRORS, QUEUE, Traffic, World, world


def test_every_number_question_and_limit_is_in_it() -> None:
    result = Gate(world(Traffic(20, 0)).loop(ERRORS, QUEUE)).run().as_dict()
    errors, queue = result["checks"]
    assert errors == {
        "name": "errors",
        "verdict": "pass",
        "reason": "none of 100 requests failed, the limit is 1 %",
        "bad": 0,
        "total": 100,
        "rate": 0.0,
        "pods": {"pod-1": {"bad": 0, "total": 100}},
        "limit": {"max": 0.01},
        "selectors": {"all": ["m"], "bad": ['m{status="500"}']},
        "queries": ["m", 'm{status="500"}'],
        "series": 2,
        "note": "",
        "dry_run": False,
    }
    assert (queue["value"], queue["limit"], queue["queries"]) == (5.0, {"max": 100}, ["q"])
    assert queue["selectors"] == {"gauge": []}
    assert len(result["measurements"]) == result["looks"] == 5
    assert result["measurements"][0]["errors"] == {"bad": 0, "total": 20}
    assert json.loads(json.dumps(result)) == result


def test_the_first_breach_is_dated_by_the_counters() -> None:
    assert Gate(world(Traffic(8, 4)).loop()).run().first_breach_at == 1_700_001_002.0
    over = [reading(float(at), q=Answer((({}, value),))) for at, value in ((1, 5.0), (2, 500.0))]
    assert Gate(world(*over).loop(QUEUE)).run().first_breach_at == 2.0


def test_selectors_of_every_kind_are_told_apart() -> None:
    slow = Check("slow", Counters((), (Selector("h_bucket"),), bound=0.3), limit=0.05)
    good = Check("good", Counters((Selector("g"),), (Selector("m"),), good=True), limit=0.05)
    gauge = Check("memory", Gauge(selector=Selector("g")), floor=1, ceiling=9)
    found = reading(
        0,
        series("m", (0, 1)),
        series("g", (0, 1)),
        *(series(f'h_bucket{{le="{le}"}}', (0, 1)) for le in ("0.25", "0.5", "+Inf")),
    )
    result = Gate(world(found).loop(slow, good, gauge)).run().as_dict()
    kinds = [check["selectors"] for check in result["checks"]]
    assert kinds[0] == {"buckets": ['h_bucket{le=~"\\\\+Inf|0\\\\.5"}']}
    assert kinds[1:] == [{"all": ["m"], "good": ["g"]}, {"gauge": ["g"]}]
    assert result["checks"][0]["note"] == "judged at le=0.5, the smallest bucket not below 0.3"
    assert result["checks"][2]["limit"] == {"min": 1, "max": 9}


def test_why_nothing_matched_is_part_of_the_reason() -> None:
    class Other(ScriptedSource):
        def label_sets(self, name: str) -> list[Mapping[str, str]]:
            return [{"version": "main"}]

    own = replace(ERRORS, measure=Counters((Selector("b"),), (Selector.parse('m{version="canary"}'),)))
    result = Gate(World(Other([reading(0)])).loop(own)).run()
    assert result.reason == (
        "errors: no data: no series matches (the last 8 looks, as in all before). "
        "No series of m has version=\"canary\"; they have version 'main'."
    )
    assert result.checks[0].note == result.checks[0].explanation


def test_bad_events_of_a_release_that_passes_are_no_breach() -> None:
    result = Gate(world(Traffic(999, 1)).loop()).run()
    assert (result.verdict.value, result.checks[0].events, result.first_breach_at) == ("pass", (5, 5000), None)


def test_only_where_something_is_unclear_the_source_is_asked_why() -> None:
    class Other(ScriptedSource):
        def label_sets(self, name: str) -> list[Mapping[str, str]]:
            return [{"version": "main"}]

    own = replace(ERRORS, measure=Counters((Selector("b"),), (Selector.parse('m{version="canary"}'),)))
    loop = World(Other([unreachable()])).loop(own)
    result = Gate(loop).run()
    assert (result.error, result.checks[0].explanation) == ("unreachable", "")


def test_a_way_back_that_changed_nothing_is_no_change() -> None:
    loop = world(Traffic(8, 4)).loop()
    found = outcome(Ending(Verdict.FAIL, "too many"), loop, None, Rollback(True, 0.1, BACK, False), 1.0)
    assert (found.changed, found.after) == (False, BACK.as_dict())
    lost = outcome(Ending(Verdict.FAIL, "too many"), loop, None, Rollback(False, 0.1, BACK, True), 1.0)
    assert (lost.changed, lost.after) == (True, None)


def test_bad_or_good_events_that_never_matched_are_noted() -> None:
    every = Selector("m")
    checks = [
        Check("own", Counters((Selector("b"),), (every,)), limit=0.5),
        Check("good", Counters((Selector("g"),), (every,), good=True), limit=1.0),
    ]
    notes = [check.note for check in Gate(world(Traffic(20, 0)).loop(*checks)).run().checks]
    said = "no series has ever matched the selector of {} events, as is usual while there are none"
    assert notes == [said.format("bad"), said.format("good")]


def test_what_a_dry_run_would_have_said_is_noted() -> None:
    result = Gate(world(Traffic(8, 4)).loop(replace(ERRORS, dry_run=True))).run()
    assert (result.verdict.value, result.reason) == ("pass", "all checks are dry runs")
    (note,) = result.notes
    assert note.startswith("errors, a dry run, would have failed: ")
