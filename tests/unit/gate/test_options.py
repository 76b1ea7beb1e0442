# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a gate: each mistake is named with its field, its value and what to do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters, Gauge
from ansible_collections.slipway.rollout.plugins.module_utils.gate.decision import Policy
from ansible_collections.slipway.rollout.plugins.module_utils.gate.loop import Timing
from ansible_collections.slipway.rollout.plugins.module_utils.gate.options import (
    DURATION,
    GATE_OPTIONS,
    GATE_SPEC,
    namespace_of,
    parse_all_checks,
    parse_gate_route,
    parse_groups,
    parse_pause_timeout,
    parse_policy,
    parse_timing,
    parse_warm_up,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Verbatim
from ansible_collections.slipway.rollout.plugins.module_utils.gate.subject import PodGroup
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.route import Backend, RouteSpec

from tests.unit.gate.builders import SUBJECT, gate_params

ROUTE = RouteSpec(
    "virtualservice", "shop", "live", (Backend("stable", "shop-main"), Backend("canary", "shop-canary", subset="v2"))
)


def source(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = gate_params(source=changes)["source"]
    return found


@pytest.mark.parametrize(
    ("options", "timing"),
    [
        ({}, Timing(1.0, DURATION, None, 0.0)),
        ({"duration": 0.5, "interval": 0.1}, Timing(0.1, 0.5, None, 0.0)),
        ({"count": 1, "initial_delay": 2.0}, Timing(1.0, None, 1, 2.0)),
        ({"duration": 60.0, "interval": 5.0, "min_soak": 30.0, "on_pause": "resume"}, Timing(5.0, 5.0)),
    ],
)
def test_a_gate_ends_by_time_or_by_looks_and_by_time_if_nothing_is_said(
    options: dict[str, Any], timing: Timing
) -> None:
    assert parse_timing(gate_params(**options)) == timing


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"interval": 0.05}, "interval is 0.05; it is the time between looks in seconds, at least 0.1."),
        ({"duration": 5.0, "count": 5}, "duration and count are both given, and each would end the gate."),
        ({"duration": 0.0}, "duration is 0; it is the time of the gate in seconds and must be above 0."),
        ({"count": 0}, "count is 0; it is the number of looks, at least 1."),
        ({"initial_delay": -1.0}, "initial_delay is -1; it is a time in seconds, 0 or more."),
        ({"interval": float("inf")}, "interval is inf"),
        ({"interval": float("nan")}, "interval is nan"),
        ({"duration": float("nan")}, "duration is nan"),
        ({"duration": float("inf")}, "duration is inf"),
        ({"initial_delay": float("nan")}, "initial_delay is nan"),
    ],
)
def test_times_that_make_no_sense_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=re.escape(said)):
        parse_timing(gate_params(**options))


def test_the_policy_is_what_fails_and_how_patient_it_is() -> None:
    assert parse_policy(gate_params()) == Policy(5, True, True)
    lenient = gate_params(consecutive_errors=1, on_inconclusive="pass", on_pod_failure="tell")
    assert parse_policy(lenient) == Policy(1, False, False, "pass")
    assert parse_policy(gate_params(on_undecided="pause")) == Policy(5, True, True, "pause")
    with pytest.raises(OptionError, match="consecutive_errors is 0; it is a number of looks, at least 1."):
        parse_policy(gate_params(consecutive_errors=0))


def test_a_route_is_read_if_there_is_one() -> None:
    backends = {"stable": {"service": "shop-main"}, "canary": {"service": "shop-canary"}}
    route = {"kind": "virtualservice", "name": "shop", "backends": backends}
    found = parse_gate_route(gate_params(route=route))
    assert found is not None
    assert found.describe() == "virtualservice production/shop"
    assert parse_gate_route(gate_params()) is None
    with pytest.raises(TrafficError, match="route.backends names 0 backends"):
        parse_gate_route(gate_params(route={**route, "backends": {}}))


@pytest.mark.parametrize("field", ["split", "on_fail"])
def test_whatever_moves_traffic_needs_a_route(field: str) -> None:
    with pytest.raises(OptionError, match=f"{field} is given, but no route to set it on"):
        parse_gate_route(gate_params(**{field: {"stable": 100, "canary": 0}}))


def test_each_arm_of_the_subject_is_a_group_of_pods() -> None:
    assert parse_groups(gate_params(), None) == [
        PodGroup("stable", "production", SUBJECT["stable"]),
        PodGroup("canary", "production", SUBJECT["canary"]),
    ]
    assert parse_groups(gate_params(subject={}), None) == []


def test_the_namespace_may_come_from_the_route() -> None:
    assert namespace_of(gate_params(), ROUTE) == "production"
    assert namespace_of(gate_params(namespace=None), ROUTE) == "live"
    assert namespace_of(gate_params(namespace=None), None) == ""
    with pytest.raises(OptionError, match="subject is given without the namespace of its pods. Set namespace."):
        parse_groups(gate_params(namespace=None), None)


@pytest.mark.parametrize("selector", ["", "  ", None, {"app": "shop"}])
def test_an_arm_without_a_selector_is_refused(selector: object) -> None:
    with pytest.raises(OptionError, match=r"subject.canary is .*; it is a label selector, such as 'app=shop,version"):
        parse_groups(gate_params(subject={"canary": selector}), None)


def parsed(check: dict[str, Any], *, route: RouteSpec | None = None, **changes: Any) -> Counters | Gauge:
    params = gate_params(checks=[check], **changes)
    return parse_all_checks(params, parse_groups(params, route), route)[0].measure


@pytest.mark.parametrize(
    ("selector", "labels"),
    [
        ("app=shop,version=canary", 'app="shop",version="canary"'),
        (" app == shop , version = canary ", 'app="shop",version="canary"'),
        ("app=shop,version!=main,tier in (web, app),!old,new", 'app="shop"'),
        ("app=shop,tier notin (a=b)", 'app="shop"'),
    ],
)
def test_checks_know_an_arm_by_the_equalities_of_its_selector(selector: str, labels: str) -> None:
    found = parsed({"bad": "m{$canary,code='5'}", "all": "m{$canary}", "max": 0.1}, subject={"canary": selector})
    assert isinstance(found, Counters)
    assert str(found.all[0]) == f'm{{namespace="production",{labels}}}'


def test_checks_know_the_clusters_of_envoy_by_the_route() -> None:
    found = parsed({"template": "error_rate", "metrics": "envoy", "max": 0.1}, route=ROUTE)
    assert isinstance(found, Counters)
    name = "outbound|80|v2|shop-canary.live.svc.cluster.local"
    assert any(one.matches("envoy_cluster_upstream_rq_completed", {"cluster_name": name}) for one in found.all)


@pytest.mark.parametrize(
    "backend", [Backend("canary", deployment="shop-canary"), Backend("canary", "shop.example.com")]
)
def test_backends_that_are_no_service_have_no_cluster_of_envoy(backend: Backend) -> None:
    route = RouteSpec("virtualservice", "shop", "live", (Backend("stable", "shop-main"), backend))
    with pytest.raises(OptionError, match="which of Envoy's clusters is canary"):
        parsed({"template": "error_rate", "metrics": "envoy", "max": 0.1}, route=route)


def test_what_holds_for_all_checks_is_handed_on() -> None:
    params = gate_params(failures_allowed={"failures": 1, "of": 4}, on_no_data="fail")
    dummy, gauge = parse_all_checks(
        {**params, "checks": [{"gauge": "a", "max": 1}, {"gauge": "b", "max": 1, "name": "b", "on_no_data": "wait"}]},
        parse_groups(params, None),
        None,
    )
    assert (dummy.failures, dummy.looks, dummy.on_no_data) == (1, 4, "fail")
    assert gauge.on_no_data == "wait"


def test_pods_do_not_answer_promql() -> None:
    query = {"query": "max(load)", "max": 1}
    with pytest.raises(OptionError, match=r"checks\[0\].query is PromQL, which pods do not answer. Use gauge"):
        parsed(query, source={"type": "pods"})
    assert parsed(query) == Gauge("max(load)")
    assert isinstance(parsed({"gauge": "load", "max": 1}, source={"type": "pods"}), Gauge)


def test_a_service_is_asked_in_its_own_language() -> None:
    errors = "sum:errors{version:$canary}.as_count()"
    found = parsed({"bad": errors, "all": "sum:hits{*}", "max": 0.01}, source={"type": "datadog"})
    assert found == Counters((Verbatim(errors),), (Verbatim("sum:hits{*}"),))
    assert parsed({"query": "avg:load{$x}", "max": 1}, source={"type": "datadog"}) == Gauge("avg:load{$x}")


def test_arms_are_compared_where_a_question_names_the_arm() -> None:
    check = {"bad": "errors{v:$arm}", "all": "hits{v:$arm}", "judge": "sequential", "baseline": "main"}
    params = gate_params(checks=[check], subject={}, source={"type": "datadog"})
    (found,) = parse_all_checks(params, [], None)
    assert found.measure == Counters((Verbatim("errors{v:canary}"),), (Verbatim("hits{v:canary}"),))
    assert found.baseline == Counters((Verbatim("errors{v:main}"),), (Verbatim("hits{v:main}"),))
    params["checks"] = [{**check, "bad": "errors", "all": "hits"}]
    with pytest.raises(OptionError, match="nothing in it says which arm. Write .arm where its questions name the arm."):
        parse_all_checks(params, [], None)


@pytest.mark.parametrize("check", [{"template": "error_rate", "max": 0.01}, {"gauge": "load", "max": 1}])
def test_a_service_knows_no_metrics_of_prometheus(check: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=r"checks\[0\].* names metrics of Prometheus, but New Relic is asked in"):
        parsed(check, source={"type": "newrelic"})


def test_secrets_of_the_source_are_kept_out_of_logs() -> None:
    options = GATE_SPEC["source"]["options"]
    assert {name for name, option in options.items() if option.get("no_log")} == {
        "application_key",
        "password",
        "secret_headers",
        "token",
    }


@pytest.mark.parametrize(
    ("field", "value"), [("min_soak", -1.0), ("warm_up", float("inf")), ("pause_timeout", float("nan"))]
)
def test_times_that_are_none(field: str, value: float) -> None:
    parse = {"min_soak": parse_timing, "warm_up": parse_warm_up, "pause_timeout": parse_pause_timeout}[field]
    with pytest.raises(OptionError, match=f"{field} is {value:g}"):
        parse(gate_params(**{field: value}))
    assert parse_timing(gate_params(min_soak=7.0)).min_soak == 7.0
    assert (parse_warm_up(gate_params(warm_up=3.0)), parse_pause_timeout(gate_params())) == (3.0, 1800.0)


def test_what_an_inventory_may_say_is_an_option() -> None:
    assert set(GATE_OPTIONS) <= set(GATE_SPEC)
