# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gate from the module's options: what is connected to, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import POD, Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.gate.assemble import open_gate
from ansible_collections.slipway.rollout.plugins.module_utils.gate.gate import Gate
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.panel import Panel
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.sequential import Sequential
from ansible_collections.slipway.rollout.plugins.module_utils.gate.options import GATE_SPEC
from ansible_collections.slipway.rollout.plugins.module_utils.gate.report import silent
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.pods import PodsSource
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.prometheus import LOOKBACK, PrometheusSource
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.assessment import Errors
from ansible_collections.slipway.rollout.plugins.module_utils.gate.stop import Stop
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError
from ansible_collections.slipway.rollout.plugins.module_utils.gate.switch import RouteSwitch

from tests.unit.gate.builders import FakeClock, pod_object
from tests.unit.store import Store

CHECK = {"template": "error_rate", "max": 0.01}
SUBJECT = {"stable": "app=shop,version=main", "canary": "app=shop,version=canary"}
PROMETHEUS = {"type": "prometheus", "url": "http://127.0.0.1:1"}
ROUTE = {
    "kind": "virtualservice",
    "name": "shop",
    "backends": {"stable": {"service": "shop-main"}, "canary": {"service": "shop-canary"}},
}


def options(**changes: Any) -> dict[str, Any]:
    given = {"namespace": "production", "subject": SUBJECT, "source": PROMETHEUS, "checks": [CHECK], **changes}
    checked = ArgumentSpecValidator(GATE_SPEC).validate(given)
    assert not checked.error_messages
    parameters: dict[str, Any] = checked.validated_parameters
    return parameters


def opened(connect: Callable[[], Cluster] | None = None, **changes: Any) -> Gate:
    return open_gate(options(**changes), connect or Store().cluster, FakeClock(), silent, Stop())


def nobody() -> Cluster:
    raise AssertionError("no cluster is needed")


def test_a_gate_of_prometheus_alone_needs_no_cluster() -> None:
    gate = opened(nobody, subject={}, checks=[{"query": "up", "max": 1}])
    assert isinstance(gate.loop.source, PrometheusSource)
    assert (gate.switch, gate.loop.faults, gate.loop.source.births()) == (None, None, {})


def test_with_a_subject_its_pods_are_watched_and_dated() -> None:
    store = Store()
    store.put(POD, "production", pod_object())
    gate = opened(store.cluster)
    assert gate.loop.faults is not None
    assert isinstance(gate.loop.source, PrometheusSource)
    assert gate.loop.source.births() == {"pod-1": 1767225610.0}
    assert gate.loop.sight is None


def test_with_a_route_there_is_a_way_back() -> None:
    gate = opened(route=ROUTE, split={"stable": 90, "canary": 10}, on_fail={"stable": 100, "canary": 0})
    assert isinstance(gate.switch, RouteSwitch)
    assert gate.switch.counters is not None
    assert gate.loop.sight is not None
    assert gate.switch.describe() == [
        "Sets virtualservice production/shop to stable 90 %, canary 10 %.",
        "Puts virtualservice production/shop at stable 100 %, canary 0 % when it fails.",
    ]
    quiet = opened(route=ROUTE, observe=False)
    assert isinstance(quiet.switch, RouteSwitch)
    assert quiet.switch.counters is None


def test_pods_are_read_by_the_subject_or_by_a_selector_of_their_own() -> None:
    gate = opened(source={"type": "pods"})
    assert isinstance(gate.loop.source, PodsSource)
    assert [group.name for group in gate.loop.source.subject.groups] == ["stable", "canary"]
    check = {"gauge": "up", "max": 1}
    own = opened(source={"type": "pods", "selector": "app=gateway", "namespace": "edge"}, checks=[check])
    assert isinstance(own.loop.source, PodsSource)
    assert [(group.namespace, group.selector) for group in own.loop.source.subject.groups] == [("edge", "app=gateway")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"source": {"type": "pods"}, "subject": {}, "checks": [{"gauge": "up", "max": 1}]}, "nothing says which pods"),
        ({"checks": [{**CHECK, "labels": {"a": "b"}, "arm": "canari"}]}, "Did you mean 'canary'?"),
        ({"split": {"stable": 100}}, "split is given, but no route"),
    ],
)
def test_what_does_not_go_together_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError) as caught:
        opened(nobody if "split" in changes else None, **changes)
    assert said in str(caught.value)


COMPARED = {"template": "error_rate", "judge": "sequential"}


def test_a_judge_that_compares_looks_far_back_and_one_that_does_not_does_not() -> None:
    for check, lookback in ((COMPARED, 1800.0), (CHECK, LOOKBACK)):
        gate = opened(checks=[check], history=1800)
        assert isinstance(gate.loop.source, PrometheusSource)
        assert gate.loop.source.lookback == lookback


def test_a_later_stage_looks_back_to_where_users_came_and_before() -> None:
    gate = opened(checks=[COMPARED], history=1800, evidence_since=FakeClock().wall() - 600)
    assert isinstance(gate.loop.source, PrometheusSource)
    assert gate.loop.source.lookback == 2400.0
    assert gate.loop.since == FakeClock().wall() - 600


def test_checks_share_the_gates_alpha() -> None:
    gate = opened(checks=[COMPARED, {**COMPARED, "name": "again"}], alpha=0.02, beta=0.1)
    assert isinstance(gate.loop.judge, Panel)
    judge = gate.loop.judge.judges["again"]
    assert isinstance(judge, Sequential)
    assert judge.errors == Errors(0.01, 0.1)


@pytest.mark.parametrize("name", ["alpha", "beta"])
def test_a_probability_of_being_wrong_is_one(name: str) -> None:
    with pytest.raises(OptionError, match=f"{name} is 1; it is a probability of being wrong, such as 0.01."):
        opened(checks=[COMPARED], **{name: 1})


def test_a_bad_pod_that_is_replaced_shares_the_error_rate_between_two_attempts() -> None:
    gate = opened(on_bad_pod="replace", checks=[{"template": "error_rate", "judge": "sequential"}])
    assert gate.loop.bad_pod is not None
    for judge in (gate.loop.judge, gate.loop.bad_pod.judge()):
        assert isinstance(judge, Panel)
        (one,) = judge.judges.values()
        assert isinstance(one, Sequential)
        assert one.errors.alpha == 0.005
    with pytest.raises(OptionError, match="on_bad_pod is 'replace', but nothing says which pods"):
        opened(on_bad_pod="replace", subject={}, checks=[{"query": "up", "max": 1}])
