# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option checks: what is meant, and what cannot be."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check, Counters, Gauge
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check_options import (
    Defaults,
    parse_checks,
    parse_failures_allowed,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError
from ansible_collections.slipway.rollout.plugins.module_utils.gate.templates import Subject

SUBJECT = Subject(
    "production", {"stable": {"app": "shop", "version": "main"}, "canary": {"app": "shop", "version": "canary"}}
)
LABELS = 'namespace="production",app="shop",version="canary"'
OWN = {"bad": 'm{status=~"5.."}', "all": "m", "max": 0.01}


def parse(**item: Any) -> Check:
    return parse_checks([item], SUBJECT, Defaults())[0]


def refused(**item: Any) -> str:
    with pytest.raises(OptionError) as caught:
        parse(**item)
    return str(caught.value)


def texts(check: Check) -> list[str]:
    assert isinstance(check.measure, Counters)
    return [str(selector) for selector in (*check.measure.part, *check.measure.all)]


def test_a_template_is_about_the_canary() -> None:
    check = parse(template="error_rate", max=0.01)
    assert texts(check) == [f'http_requests_total{{{LABELS},status=~"5.."}}', f"http_requests_total{{{LABELS}}}"]
    assert (check.name, check.limit, check.arm, check.verb) == ("error_rate", 0.01, "canary", "failed")
    assert (check.min_requests, check.min_failures, check.window) == (10, 3, 60)


def test_latency_says_what_slow_requests_did() -> None:
    check = parse(template="latency", bound="0.25", max="0.05", name="slow", arm="stable")
    assert isinstance(check.measure, Counters)
    assert (check.measure.bound, check.verb, check.arm) == (0.25, "took longer than 0.25 s", "stable")


def test_counters_of_ones_own() -> None:
    check = parse(**OWN)
    assert (texts(check), check.name) == (['m{status=~"5.."}', "m"], "bad")
    check = parse(good='m{status=~"2.."}', all="m", min=0.99)
    assert check.limit == pytest.approx(0.01)
    assert (check.verb, check.name) == ("were not good", "good")


def test_the_arm_fills_in_its_labels() -> None:
    check = parse(bad='m{$canary,status="500"}', all="m{$canary}", max=0)
    assert texts(check) == [f'm{{{LABELS},status="500"}}', f"m{{{LABELS}}}"]
    assert check.min_failures == 1
    own = parse(gauge="m{$canary}", max=1, labels={"version": "v7", "namespace": None})
    assert isinstance(own.measure, Gauge)
    assert str(own.measure.selector) == 'm{version="v7"}'


def test_gauges_and_queries() -> None:
    gauge, query = parse(gauge="q", max=5), parse(query=" sum(q) ", min=1, max=5)
    assert (gauge.floor, gauge.ceiling) == (-inf, 5)
    assert (query.floor, query.ceiling, query.measure) == (1, 5, Gauge("sum(q)"))


def test_defaults_hold_where_a_check_says_nothing() -> None:
    one, other = parse_checks(
        [OWN, {**OWN, "name": "b", "on_no_data": "fail", "failures_allowed": {"failures": 2, "of": "5"}}],
        SUBJECT,
        Defaults(1, 3, "inconclusive"),
    )
    assert (one.failures, one.looks, one.on_no_data) == (1, 3, "inconclusive")
    assert (other.failures, other.looks, other.on_no_data) == (2, 5, "fail")


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"template": "error_rate", "maxx": 1}, "checks[0] has 'maxx', which no check knows. Did you mean 'max'?"),
        ({"max": 1}, "checks[0] says nowhere what to measure. Give one of template"),
        ({"gauge": "m", "query": "m", "max": 1}, "checks[0] has gauge and query. Give one of"),
        ({"gauge": "m", "max": 1, "min_requests": 5}, "has 'min_requests', which does not go with gauge"),
        ({"template": "error_rat", "max": 1}, "checks[0].template is 'error_rat'. Did you mean 'error_rate'?"),
        ({"template": "error_rate", "metrics": "itsio", "max": 0.1}, "metrics is 'itsio'. Did you mean 'istio'?"),
        ({"template": "error_rate", "cluster": "x", "max": 0.1}, "names a cluster of Envoy's, but metrics is 'app'"),
        ({"template": "latency", "max": 0.1}, "bound is None; the template latency needs the time in seconds"),
        ({"template": "latency", "bound": "quick", "max": 0.1}, "checks[0].bound is 'quick'; it must be a number"),
        ({"template": "error_rate", "labels": "a", "max": 0.1}, "checks[0].labels is 'a'; write a mapping"),
        ({"template": "error_rate", "reporter": "both", "max": 0.1}, "checks[0].reporter is 'both'"),
        ({"template": "error_rate", "arm": "canari", "max": 0.1}, "the arm 'canari', which subject does not have"),
        ({"bad": "m", "max": 0.1}, "checks[0] has bad but not all"),
        ({"bad": "m", "all": "m", "max": 0.1}, "bad and all are the same"),
        ({"bad": "m{a}", "all": "m", "max": 0.1}, "checks[0].bad cannot be read at column 4: one of"),
        ({"bad": "rate(m[1m])", "all": "m", "max": 0.1}, "'rate(' is a function"),
        ({"bad": " ", "all": "m", "max": 0.1}, "checks[0].bad is empty"),
        ({"bad": "m{$canari}", "all": "m", "max": 0.1}, "which is no arm of subject. Did you mean 'canary'?"),
        ({"query": "rate(m[$__rate_interval])", "max": 1}, "Variables of Grafana do not work here"),
        ({"gauge": "m"}, "checks[0] has no limit. Give min, max or both"),
        ({"bad": "b", "all": "m"}, "checks[0] has no limit. Give max."),
        ({"good": "b", "all": "m"}, "checks[0] has no limit. Give min."),
        ({"gauge": "m", "min": 2, "max": 1}, "checks[0].min is 2 and max 1, so that no value is right"),
        ({**OWN, "max": 5}, "checks[0].max is 5; it is a share from 0 to 1, so 1 % is 0.01"),
        ({**OWN, "max": -1}, "it is a share from 0 to 1"),
        ({**OWN, "min": 0.1}, "bad events take their largest share as limit. Give max and no other"),
        ({"good": "g", "all": "m", "max": 0.1}, "good events take their least share as limit. Give min"),
        ({**OWN, "min_requests": 0}, "checks[0].min_requests is 0; it must be a whole number of at least 1"),
        ({**OWN, "min_failures": 1.5}, "checks[0].min_failures is 1.5; it must be a whole number"),
        ({**OWN, "window": True}, "checks[0].window is True; it must be a number"),
        ({**OWN, "on_no_data": "ignore"}, "checks[0].on_no_data is 'ignore'"),
        ({**OWN, "failures_allowed": 3}, "checks[0].failures_allowed is 3; write it as {failures: 1, of: 3}"),
    ],
)
def test_mistakes_are_refused_with_what_to_do(item: dict[str, Any], said: str) -> None:
    assert said in refused(**item)


@pytest.mark.parametrize("value", [None, [], "error_rate", {}])
def test_there_must_be_checks(value: object) -> None:
    with pytest.raises(OptionError, match="a gate needs at least one"):
        parse_checks(value, SUBJECT, Defaults())


def test_a_check_is_a_mapping_and_its_name_its_own() -> None:
    with pytest.raises(OptionError, match=r"checks\[0\] is 'errors'; a check is a mapping"):
        parse_checks(["errors"], SUBJECT, Defaults())
    with pytest.raises(OptionError, match=r"checks\[1\].name is 'bad', as another check's"):
        parse_checks([OWN, OWN], SUBJECT, Defaults())


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"failures": 3, "of": 3}, "3 of 3 looks may fail, so that nothing could fail"),
        ({"failure": 3, "of": 3}, "has 'failure'. Did you mean 'failures'?"),
        ({"failures": 0}, "x.of is None; it must be a number"),
    ],
)
def test_failures_allowed(value: dict[str, int], said: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_failures_allowed(value, "x")
    assert said in str(caught.value)
