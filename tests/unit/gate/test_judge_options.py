# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters, Gauge, Margins
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check_options import Defaults, parse_checks
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judge_options import JUDGES, parse_judging
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.kinds import JUDGES as OPENED
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.config import Analysis, Direction
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError
from ansible_collections.slipway.rollout.plugins.module_utils.gate.templates import Subject

ARMS = {"stable": {"version": "main"}, "canary": {"version": "canary"}}
SUBJECT = Subject("live", ARMS)


def check(**item: Any) -> Any:
    return parse_checks([item], SUBJECT, Defaults())[0]


def test_every_judge_that_can_be_asked_for_can_be_opened() -> None:
    assert set(JUDGES) == set(OPENED)


def test_the_other_arm_is_found_by_its_labels() -> None:
    found = check(template="error_rate", judge="sequential", max_ratio=1.1)
    assert isinstance(found.baseline, Counters)
    assert str(found.baseline.all[0]) == 'http_requests_total{namespace="live",version="main"}'
    assert (found.judge, found.margins, found.baseline_arm) == ("sequential", Margins(1.1, 1.5), "stable")


def test_a_placeholder_stands_for_the_other_arm_in_its_turn() -> None:
    found = check(bad='m{$canary,code="500"}', all="m{$canary}", judge="sequential")
    assert str(found.baseline.part[0]) == 'm{namespace="live",version="main",code="500"}'


def test_labels_of_both_arms_may_be_given() -> None:
    found = check(template="error_rate", judge="sequential", labels={"job": "b"}, baseline_labels={"job": "a"})
    assert str(found.baseline.all[0]) == 'http_requests_total{namespace="live",job="a"}'


def test_latency_asks_for_all_buckets_and_has_its_own_margin() -> None:
    found = check(template="latency", bound=0.25, judge="latency")
    assert found.measure.whole
    assert found.baseline.whole
    assert found.margins == Margins(1.1, 1.5)


def test_slo_compares_only_where_there_is_somebody() -> None:
    lonely = Subject("live", {"canary": {"version": "canary"}})
    alone = parse_checks([{"template": "error_rate", "judge": "slo", "max": 0.01}], lonely, Defaults())[0]
    assert alone.baseline is None
    assert check(template="error_rate", judge="slo", max=0.01).baseline is not None


def test_the_gates_judge_holds_for_checks_that_do_not_say() -> None:
    one, other = parse_checks(
        [{"template": "error_rate"}, {"name": "x", "template": "error_rate", "judge": "threshold", "max": 0.1}],
        SUBJECT,
        Defaults(judge="sequential"),
    )
    assert (one.judge, other.judge, other.baseline) == ("sequential", "threshold", None)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"judge": "sequentiel"}, "checks[0].judge is 'sequentiel'. Did you mean 'sequential'?"),
        ({"judge": "threshold", "max": 0.1, "max_ratio": 2}, "the judge threshold compares with nobody"),
        ({"judge": "sequential", "max_ratio": 0.5}, "max_ratio is 0.5; it says how many times as often is still right"),
        ({"judge": "sequential", "promote_ratio": "much"}, "promote_ratio is 'much'; it says how many times"),
        ({"judge": "sequential", "baseline": "stabel"}, "subject does not have. Did you mean 'stable'?"),
        ({"judge": "sequential", "baseline": "canary"}, "baseline is 'canary', the arm that is judged"),
        (
            {"judge": "sequential", "labels": {"job": "x"}, "baseline_labels": {"job": "x"}},
            "would compare canary with its",
        ),
        ({"judge": "latency"}, "checks[0].judge is 'latency', which needs a histogram"),
        ({"judge": "slo", "max": 0}, "checks[0].max is no error budget for the judge slo"),
        ({"judge": "slo"}, "checks[0] has no limit"),
        ({"judge": "slo", "analysis": {}}, "checks[0].analysis is for the judge kayenta, but judge is 'slo'"),
        ({"judge": "kayenta", "max_ratio": 2}, "checks[0].max_ratio is no margin of the judge kayenta"),
        ({"judge": "kayenta", "analysis": {"direction": "up"}}, "checks[0].analysis.direction is 'up'"),
    ],
)
def test_what_cannot_be_right_is_refused(item: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=re.escape(said)):
        check(template="error_rate", **item)


def test_kayenta_compares_values_too() -> None:
    found = check(query="max(queue{$canary})", judge="kayenta", analysis={"critical": True})
    assert isinstance(found.baseline_gauge, Gauge)
    assert (found.baseline, "main" in found.baseline_gauge.expression) == (None, True)
    assert found.analysis == Analysis(critical=True)


def test_more_bad_events_are_bad_to_kayenta_and_fewer_are_not() -> None:
    found = check(template="error_rate", judge="kayenta")
    assert (found.analysis.direction, found.baseline_gauge) == (Direction.INCREASE, None)
    assert found.baseline is not None


def test_values_are_not_compared() -> None:
    with pytest.raises(OptionError, match="which counts events"):
        check(query="q", judge="sequential", max=1)


def test_without_an_arm_to_compare_with_there_is_none() -> None:
    assert parse_judging("checks[0]", {}, "slo", {}).baseline == ""
