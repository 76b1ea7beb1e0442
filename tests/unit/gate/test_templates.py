# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ready-made checks: they mean the series that applications, Istio and Envoy really expose, and no other's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError
from ansible_collections.slipway.rollout.plugins.module_utils.gate.templates import (
    Subject,
    Wish,
    arm_labels,
    error_rate,
    latency,
)

HOSTS = {
    "stable": "shop-main.production.svc.cluster.local|",
    "canary": "shop-canary.production.svc.cluster.local|",
}
ARMS = {"stable": {"app": "shop", "version": "main"}, "canary": {"app": "shop", "version": "canary"}}
SUBJECT = Subject("production", ARMS, HOSTS)
WISH = Wish("checks[0]", "canary", None, "source", "", 0.25)
OUTBOUND = "outbound|80||shop-{}.production.svc.cluster.local"


def means(selectors: tuple[Selector, ...], name: str, **labels: str) -> bool:
    return any(selector.matches(name, labels) for selector in selectors)


def text(counters: Counters) -> tuple[list[str], list[str]]:
    return [str(one) for one in counters.part], [str(one) for one in counters.all]


def refused(family: str, wish: Wish, subject: Subject = SUBJECT) -> str:
    with pytest.raises(OptionError) as caught:
        latency(family, wish, subject)
    return str(caught.value)


def test_an_application_counts_failures_of_the_arm_by_status() -> None:
    assert text(error_rate("app", WISH, SUBJECT)) == (
        ['http_requests_total{namespace="production",app="shop",version="canary",status=~"5.."}'],
        ['http_requests_total{namespace="production",app="shop",version="canary"}'],
    )


def test_an_application_measures_time_in_seconds() -> None:
    found = latency("app", WISH, SUBJECT)
    assert text(found)[1] == [
        'http_request_duration_seconds_bucket{namespace="production",app="shop",version="canary"}'
    ]
    assert found.bound == 0.25


def test_labels_are_written_as_prometheus_writes_those_of_pods() -> None:
    subject = Subject("production", {"canary": {"app.kubernetes.io/name": "shop"}})
    assert arm_labels(WISH, subject) == {"namespace": "production", "app_kubernetes_io_name": "shop"}


def test_given_labels_take_the_place_of_the_arm_s_and_an_empty_one_leaves_one_out() -> None:
    wish = replace(WISH, arm="anything", labels={"job": "shop"})
    assert arm_labels(wish, SUBJECT) == {"namespace": "production", "job": "shop"}
    assert arm_labels(replace(wish, labels={"namespace": "", "job": "shop"}), SUBJECT) == {"job": "shop"}
    assert arm_labels(WISH, replace(SUBJECT, namespace="")) == ARMS["canary"]


def test_istio_counts_failures_as_the_caller_sees_them() -> None:
    part, every = text(error_rate("istio", WISH, SUBJECT))
    where = (
        'reporter="source",destination_workload_namespace="production",'
        'destination_app="shop",destination_version="canary"'
    )
    assert every == [f"istio_requests_total{{{where}}}"]
    assert part == [f'istio_requests_total{{{where},response_code=~"5.."}}']


def test_istio_and_envoy_measure_time_in_milliseconds() -> None:
    assert latency("istio", WISH, SUBJECT).bound == 250
    assert latency("envoy", WISH, SUBJECT).bound == 250


def test_istio_takes_given_labels_for_its_own() -> None:
    wish = replace(WISH, labels={"destination_workload": "shop-canary"}, reporter="destination")
    where = 'reporter="destination",destination_workload_namespace="production",destination_workload="shop-canary"'
    assert text(error_rate("istio", wish, SUBJECT))[1] == [f"istio_requests_total{{{where}}}"]
    wish = replace(wish, labels={"destination_workload_namespace": ""})
    assert text(error_rate("istio", wish, SUBJECT))[1] == ['istio_requests_total{reporter="destination"}']


def test_istio_knows_the_recommended_labels_too() -> None:
    subject = Subject("production", {"canary": {"app.kubernetes.io/name": "shop", "app.kubernetes.io/version": "2"}})
    every = error_rate("istio", WISH, subject).all
    labels = {"reporter": "source", "destination_workload_namespace": "production"}
    assert means(every, "istio_requests_total", **labels, destination_app="shop", destination_version="2")


def test_arms_that_istio_cannot_tell_apart_are_refused() -> None:
    arms = {"stable": {"app": "shop", "slot": "blue"}, "canary": {"app": "shop", "slot": "canary"}}
    said = refused("istio", WISH, Subject("production", arms))
    assert "the same for canary and stable (destination_app=shop)" in said
    assert "Give checks[0].labels" in said
    assert latency("app", WISH, Subject("production", arms)).bound == 0.25


def test_arms_with_the_same_labels_are_refused() -> None:
    arms = {"stable": {"app": "shop"}, "canary": {"app": "shop"}}
    said = refused("app", WISH, Subject("production", arms))
    assert "subject.canary and subject.stable ask for the same labels (app=shop)" in said
    nothing: dict[str, dict[str, str]] = {"stable": {}, "canary": {}}
    assert "the same labels (none)" in refused("app", WISH, Subject("production", nothing))


def test_an_arm_that_is_not_there_is_refused_with_what_to_do() -> None:
    said = refused("app", replace(WISH, arm="canery"))
    assert "arm 'canery', which subject does not have. Did you mean 'canary'?" in said
    assert "or give checks[0].labels" in said


@pytest.mark.parametrize("bound", [None, 0.0, -1.0])
def test_latency_needs_a_bound(bound: float | None) -> None:
    assert refused("app", replace(WISH, bound=bound)).startswith(f"checks[0].bound is {bound}; the template latency")


def test_failures_need_none() -> None:
    assert error_rate("app", replace(WISH, bound=None), SUBJECT).bound is None


def test_an_unknown_family_is_refused_with_the_nearest_one() -> None:
    assert refused("istoi", WISH) == "checks[0].metrics is 'istoi'. Did you mean 'istio'?"


# As stock Envoy (with and without the ";" that ends Istio's newer cluster names) and as Istio's proxies expose them.
STOCK = "envoy_cluster_production_svc_cluster_local{}_upstream_rq"


@pytest.mark.parametrize("gap", ["", "_"])
@pytest.mark.parametrize("arm", ["canary", "stable"])
def test_a_stock_envoy_that_istio_configures_is_understood(gap: str, arm: str) -> None:
    found = error_rate("envoy", WISH, SUBJECT)
    labels = {"envoy_cluster_name": f"outbound|80||shop-{arm.replace('stable', 'main')}"}
    assert means(found.all, f"{STOCK.format(gap)}_completed", **labels) is (arm == "canary")
    assert means(found.part, f"{STOCK.format(gap)}_xx", **labels, envoy_response_code_class="5") is (arm == "canary")
    assert not means(found.part, f"{STOCK.format(gap)}_xx", **labels, envoy_response_code_class="2")
    slow = latency("envoy", WISH, SUBJECT)
    assert means(slow.all, f"{STOCK.format(gap)}_time_bucket", **labels, le="250") is (arm == "canary")


@pytest.mark.parametrize("end", ["", ";"])
def test_istio_s_own_proxies_are_understood(end: str) -> None:
    found = error_rate("envoy", WISH, SUBJECT)
    labels = {"cluster_name": OUTBOUND.format("canary") + end}
    assert means(found.all, "envoy_cluster_upstream_rq_completed", **labels)
    assert means(found.part, "envoy_cluster_upstream_rq", **labels, response_code_class="5xx")
    assert not means(found.part, "envoy_cluster_upstream_rq", **labels, response_code_class="2xx")
    assert not means(found.all, "envoy_cluster_upstream_rq_completed", cluster_name=OUTBOUND.format("main"))


def test_each_way_to_name_envoy_s_failures_goes_with_its_way_to_name_all() -> None:
    found = error_rate("envoy", WISH, SUBJECT)
    assert found.paired
    for part, every in zip(found.part, found.all, strict=True):
        assert part.matchers[:-1] == every.matchers


@pytest.mark.parametrize("name", ["shop_canary", "shop-canary.v2+(x)", "outbound|80||a.b.svc.cluster.local"])
def test_a_cluster_that_is_given_is_taken_literally(name: str) -> None:
    found = error_rate("envoy", replace(WISH, cluster=name, arm="nobody"), SUBJECT)
    assert means(found.all, "envoy_cluster_upstream_rq_completed", envoy_cluster_name=name)
    assert not means(found.all, "envoy_cluster_upstream_rq_completed", envoy_cluster_name=f"{name}x")
    dotless = name.replace(".", "x")
    assert means(found.all, "envoy_cluster_upstream_rq_completed", envoy_cluster_name=dotless) is (dotless == name)


def test_a_subset_is_part_of_the_cluster_s_name() -> None:
    subject = replace(SUBJECT, hosts={"canary": "shop.production.svc.cluster.local|canary"})
    every = error_rate("envoy", WISH, subject).all
    name = "outbound|8080|canary|shop.production.svc.cluster.local"
    assert means(every, "envoy_cluster_upstream_rq_completed", cluster_name=name)
    assert not means(every, "envoy_cluster_upstream_rq_completed", cluster_name=name.replace("|canary|", "||"))


def test_labels_of_an_envoy_narrow_all_of_its_series() -> None:
    found = error_rate("envoy", replace(WISH, labels={"job": "gateway", "namespace": ""}), SUBJECT)
    for selector in (*found.all, *found.part):
        assert [str(one) for one in selector.matchers if one.label in ("job", "namespace")] == ['job="gateway"']


def test_without_cluster_and_route_envoy_s_cluster_is_asked_for() -> None:
    said = refused("envoy", WISH, Subject("production", ARMS))
    assert said.startswith("checks[0]: which of Envoy's clusters is canary? Give checks[0].cluster")
