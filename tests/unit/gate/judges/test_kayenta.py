# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kayenta's judge as a judge of the gate: an opinion only at the end, and never one of what could not be tested."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check, Counters, Events, Gauge
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Evidence, Look
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Opinion
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.kayenta import Kayenta, judge_canary
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.config import (
    Analysis,
    CanaryConfig,
    Direction,
    Metric,
    Thresholds,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector

from tests.unit.gate.kayenta.samples import SAMPLES

TEN, OTHER_TEN, TWENTY = (SAMPLES[f"around {name}"] for name in ("10, first", "10, second", "20, first"))
QUEUE = Check("queue", Gauge("max(queue)"))
ERRORS = Check("errors", Counters((Selector.parse('m{status="500"}'),), (Selector("m"),)))


def gauges(canary: Sequence[float], baseline: Sequence[float]) -> Evidence:
    """A look each minute."""
    found = Evidence()
    for minute, (mine, theirs) in enumerate(zip(canary, baseline, strict=True)):
        found.add(Look(60.0 * minute, value=mine, baseline_value=theirs))
    return found


def counters(canary: Sequence[float], baseline: Sequence[float], total: float = 100) -> Evidence:
    found = Evidence()
    for minute, (mine, theirs) in enumerate(zip(canary, baseline, strict=True)):
        found.add(Look(60.0 * minute, {"a": Events(mine, total)}, baseline={"b": Events(theirs, total)}))
    return found


def told(evidence: Evidence, check: Check = QUEUE, analysis: Analysis | None = None) -> tuple[str, str]:
    opinion = Kayenta(analysis or Analysis()).opinion(check, evidence, final=True)
    return opinion.verdict.value, opinion.reason


def test_until_time_is_up_it_has_no_opinion() -> None:
    opinion = Kayenta().opinion(QUEUE, gauges(TWENTY, TEN), final=False)
    assert opinion.verdict.value == "undecided"
    assert opinion.reason == "29 points of 60 s so far, which are compared when time is up"
    assert Kayenta().opinion(QUEUE, Evidence(), final=False).reason.startswith("0 points")


@pytest.mark.parametrize(
    ("canary", "direction", "verdict", "label"),
    [
        (OTHER_TEN, Direction.EITHER, "pass", "Pass"),
        (TWENTY, Direction.EITHER, "fail", "High"),
        (TWENTY, Direction.DECREASE, "pass", "Pass"),
    ],
)
def test_values(canary: list[float], direction: Direction, verdict: str, label: str) -> None:
    found, reason = told(gauges(canary, TEN), analysis=Analysis(direction=direction))
    assert (found, reason.partition(":")[0]) == (verdict, label)
    assert reason.endswith("(30 and 30 points)")


def test_shares_of_bad_events() -> None:
    good, bad = [1, 2, 1, 0, 2, 1, 1, 2, 0, 1], [9, 8, 12, 7, 9, 10, 8, 9, 11, 9]
    assert told(counters(bad, good), ERRORS) == (
        "fail",
        "High: the canary's mean is 0.092, the baseline's 0.011 (10 and 10 points)",
    )
    assert told(counters(good, good[::-1]), ERRORS)[0] == "pass"


def test_too_few_points_are_no_test() -> None:
    assert told(gauges([9.0] * 4, [1.0] * 4)) == (
        "inconclusive",
        "only 4 points of 60 s, of the 5 that the test needs",
    )
    assert told(Evidence())[0] == "inconclusive"


def test_a_muted_check_does_not_count() -> None:
    verdict, reason = told(gauges(TWENTY, TEN), analysis=Analysis(muted=True))
    assert (verdict, reason.startswith("High: "), reason.endswith("muted and does not count")) == ("pass", True, True)


def test_missing_data_that_must_be_there_fails() -> None:
    looks = Evidence()
    for minute in range(8):
        looks.add(Look(60.0 * minute, gap="no series matches"))
    assert told(looks)[0] == "inconclusive"
    replaced = Analysis(replace_nans=True)
    assert told(looks, analysis=replaced) == ("pass", "Pass: the canary's mean is 0, the baseline's 0 (8 and 8 points)")


def scored(
    evidence: dict[str, Evidence], analysis: Analysis | None = None, thresholds: Thresholds | None = None
) -> Opinion:
    errors = Metric("errors", ("service",), Analysis(direction=Direction.INCREASE))
    queue = Metric("queue", ("system",), analysis or Analysis())
    config = CanaryConfig((errors, queue), {"service": 80.0, "system": 20.0})
    return judge_canary(config, evidence, thresholds=thresholds)[1]


def test_a_score_of_all_checks() -> None:
    good, bad = gauges(OTHER_TEN, TEN), gauges(TWENTY, TEN)
    passing, marginal, failing = (
        scored({"errors": errors, "queue": queue}) for errors, queue in ((good, good), (good, bad), (bad, good))
    )
    assert (passing.verdict.value, passing.reason) == ("pass", "the score is 100; 95 passes, below 75 fails")
    assert (marginal.verdict.value, marginal.reason) == ("inconclusive", "the score is 80; 95 passes, below 75 fails")
    assert failing.verdict.value == "fail"
    lower = scored({"errors": good, "queue": bad}, thresholds=Thresholds(80, 50))
    assert (lower.verdict.value, lower.reason) == ("pass", "the score is 80; 80 passes, below 50 fails")


def test_a_score_that_is_0_at_once_says_why() -> None:
    good, bad = gauges(OTHER_TEN, TEN), gauges(TWENTY, TEN)
    found = scored({"errors": good, "queue": bad}, Analysis(critical=True))
    assert found.verdict.value == "fail"
    assert found.reason.endswith("queue, which is critical: the canary was classified as High (critical)")


def test_what_could_not_be_tested_passes_no_canary() -> None:
    single = Evidence()
    single.add(Look(0.0, value=9.0, baseline_value=1.0))
    good = gauges(OTHER_TEN, TEN)
    found = scored({"errors": good, "queue": single})
    assert (found.verdict.value, found.reason.endswith("queue could not be tested")) == ("inconclusive", True)
    muted = scored({"errors": good, "queue": single}, Analysis(muted=True), Thresholds(80, 50))
    assert muted.verdict.value == "pass"
