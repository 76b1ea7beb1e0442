# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.routing import all_rules, rules_of

from tests.unit.adopt.builders import NAMESPACE, http_route, openshift_route, ref, simple, to, virtual_service, world


def test_rules_of_all_kinds() -> None:
    found = simple(
        ("virtualservice", virtual_service({"name": "primary", "route": [to("shop", 90), to("shop-canary", 10)]})),
        ("httproute", http_route({"backendRefs": [ref("shop")]}, {"name": "x", "backendRefs": [ref("shop", 0)]})),
        ("openshiftroute", openshift_route("shop", "other")),
    )
    rules = [(r.title, r.name, r.path, [(a.service, a.weight) for a in r.arms]) for r in all_rules(world(found))]
    assert rules == [
        ("virtualservice shop", "primary", ("spec", "http", 0, "route"), [("shop", 90), ("shop-canary", 10)]),
        ("httproute shop", "", ("spec", "rules", 0, "backendRefs"), [("shop", 1)]),
        ("httproute shop", "x", ("spec", "rules", 1, "backendRefs"), [("shop", 0)]),
        ("openshiftroute shop", "", ("spec",), [("shop", 100), ("other", 0)]),
    ]


def test_what_is_no_service_of_this_namespace() -> None:
    refs = [ref("shop", namespace="other"), ref("pool", kind="InferencePool"), ref("shop", namespace=NAMESPACE)]
    (rule,) = rules_of("httproute", http_route({"backendRefs": refs}), NAMESPACE)
    assert [arm.service for arm in rule.arms] == ["", "", "shop"]
    hosts = [to("shop.other.svc.cluster.local"), to("shop.example.org"), to("shop.shop.svc.cluster.local")]
    (rule,) = rules_of("virtualservice", virtual_service({"route": hosts}), NAMESPACE)
    assert [arm.service for arm in rule.arms] == ["", "", "shop"]


def test_one_destination_takes_everything_and_subsets_are_told_apart() -> None:
    (rule,) = rules_of("virtualservice", virtual_service({"route": [to("shop", subset="v1")]}), NAMESPACE)
    assert (rule.arms[0].weight, rule.arms[0].option) == (100, {"service": "shop", "subset": "v1"})
    assert rule.arm("shop") is rule.arms[0]
    assert rule.arm("else") is None


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        ({}, False),
        ({"matches": [{"path": {"type": "PathPrefix", "value": "/"}}]}, False),
        ({"matches": [{"path": {"value": "/"}}]}, False),
        ({"matches": [{"path": {"type": "Exact", "value": "/"}}]}, False),
        ({"matches": [{"path": {"type": "PathPrefix", "value": "/api"}}]}, True),
        ({"matches": [{"headers": [{"name": "x", "value": "y"}]}]}, True),
    ],
)
def test_rules_for_some_requests_only(rule: dict[str, Any], matches: bool) -> None:
    (found,) = rules_of("httproute", http_route({**rule, "backendRefs": [ref("shop")]}), NAMESPACE)
    assert found.matches is matches


def test_an_openshift_route_for_a_path() -> None:
    route = openshift_route("shop")
    route["spec"]["path"] = "/api"
    assert next(rules_of("openshiftroute", route, NAMESPACE)).matches
