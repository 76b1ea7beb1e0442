# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic import arguments
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.route import Backend

SERVICES = {"stable": {"service": "a"}, "canary": {"service": "b"}}
DEPLOYMENTS = {"stable": {"deployment": "a"}, "canary": {"deployment": "b"}}


def params(**route: Any) -> dict[str, Any]:
    return {
        "namespace": "shop",
        "route": {"kind": "virtualservice", "name": "shop", "backends": SERVICES, **route},
    }


def test_a_whole_route() -> None:
    backends = {"stable": {"service": "a", "subset": "v1", "port": "80"}, "canary": {"service": "a", "subset": "v2"}}
    spec = arguments.parse_route(params(backends=backends, rule="primary", namespace="other", api_version="v1beta1"))
    assert (spec.namespace, spec.rule, spec.api_version) == ("other", "primary", "v1beta1")
    assert spec.backends == (
        Backend("stable", service="a", subset="v1", port=80),
        Backend("canary", service="a", subset="v2"),
    )
    assert spec.describe() == "virtualservice other/shop rule 'primary'"
    assert spec.as_dict() == {"kind": "virtualservice", "name": "shop", "namespace": "other", "rule": "primary"}


def test_replicas_take_capacity_and_keep() -> None:
    spec = arguments.parse_route(params(kind="replicas", backends=DEPLOYMENTS, capacity=3, keep={"stable": "3"}))
    assert (spec.capacity, spec.keep) == (3, (("stable", 3),))
    assert arguments.parse_route(params(kind="replicas", backends=DEPLOYMENTS)).capacity is None


def test_other_kinds_leave_pods_alone() -> None:
    spec = arguments.parse_route(params(capacity=3, keep={"stable": 3}))
    assert (spec.capacity, spec.keep) == (None, ())


@pytest.mark.parametrize(
    ("route", "said"),
    [
        ({"kind": "ingress"}, "route.kind is 'ingress'; choose one of grpcroute, httproute, openshiftroute"),
        ({"backends": {}}, "route.backends names 0 backends; a split needs at least two"),
        ({"backends": None}, "names 0 backends"),
        ({"backends": {"stable": {"service": "a"}}}, "names 1 backends"),
        ({"backends": {"stable": "a", "canary": {"service": "b"}}}, "route.backends.stable is 'a'; with kind virtual"),
        ({"backends": {**SERVICES, "canary": {"service": ""}}}, "route.backends.canary is {'service': ''}"),
        ({"backends": {**SERVICES, "canary": {"service": "b", "portt": 1}}}, "has 'portt'"),
        ({"backends": {**SERVICES, "canary": {"service": "b", "port": "http"}}}, "canary.port is 'http'"),
        ({"backends": {**SERVICES, "canary": {"service": "b", "port": True}}}, "canary.port is True"),
        ({"backends": {**SERVICES, "canary": {"service": "a"}}}, "route.backends stable and canary are the same"),
        ({"kind": "httproute", "backends": {**SERVICES, "x": {"service": "c", "subset": "v"}}}, "has 'subset'"),
        ({"kind": "replicas"}, "needs 'deployment'"),
        ({"kind": "replicas", "backends": DEPLOYMENTS, "capacity": 0}, "route.capacity is 0"),
        ({"kind": "replicas", "backends": DEPLOYMENTS, "keep": {"stable": 1}}, "route.keep needs route.capacity"),
        ({"kind": "replicas", "backends": DEPLOYMENTS, "keep": {"main": 1}}, "route.keep names 'main'"),
        (
            {"kind": "replicas", "backends": DEPLOYMENTS, "capacity": 3, "keep": {"stable": -1}},
            "route.keep.stable is -1; it must be a whole number of at least 0",
        ),
    ],
)
def test_a_bad_route_is_refused(route: dict[str, Any], said: str) -> None:
    with pytest.raises(TrafficError) as caught:
        arguments.parse_route(params(**route))
    assert caught.value.error == "bad_route"
    assert said in str(caught.value)


def test_a_namespace_is_needed_somewhere() -> None:
    with pytest.raises(TrafficError, match="Set namespace, or route.namespace"):
        arguments.parse_route({**params(), "namespace": None})


def test_a_split_may_be_left_out() -> None:
    assert arguments.parse_split({"split": None}) is None
    split = arguments.parse_split({"on_fail": {"stable": 100, "canary": 0}}, field="on_fail")
    assert split is not None
    assert split.as_dict() == {"stable": 100, "canary": 0}


METRICS = {"metric": "m", "matchers": "", "via": "proxy", "port": 9, "path": "/m", "interval": 0.25}


def test_observe_may_be_off_and_has_times_above_zero() -> None:
    assert arguments.parse_observe({"observe": False}) is None
    options = arguments.parse_observe({"observe": True, "observe_timeout": 5.0, "observe_metrics": METRICS})
    assert options == arguments.ObserveOptions(5.0, "m", "", "proxy", 0.25, 9, "/m")
    for timeout, interval, field in ((0.0, 1.0, "observe_timeout"), (1.0, -1.0, "observe_metrics.interval")):
        metrics = {**METRICS, "interval": interval}
        with pytest.raises(TrafficError, match=field):
            arguments.parse_observe({"observe": True, "observe_timeout": timeout, "observe_metrics": metrics})
