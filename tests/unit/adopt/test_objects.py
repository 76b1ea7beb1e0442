# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.objects import (
    arm_service,
    canary_deployment,
    new_route,
    weighted_rule,
)
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.routing import rules_of
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.world import ROUTES

from tests.unit.adopt.builders import (
    NAMESPACE,
    deployment,
    http_route,
    openshift_route,
    ref,
    service,
    to,
    virtual_service,
)
from tests.unit.store import Obj


def test_a_canary_is_stable_with_other_labels_at_rest() -> None:
    spread = {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "shop", "team": "a"}}}
    own = {"app": "shop", "team": "a", "helm.sh/chart": "shop-1", "app.kubernetes.io/managed-by": "Helm"}
    stable = deployment(own=own, spec={"topologySpreadConstraints": [spread]})
    before = copy.deepcopy(stable)
    wanted = canary_deployment(stable, "shop-canary", {"app": "shop-canary"})
    made = wanted.definition
    assert stable == before
    assert (made["metadata"]["name"], made["metadata"]["namespace"]) == ("shop-canary", NAMESPACE)
    assert made["metadata"]["labels"] == {"app": "shop-canary", "team": "a"}
    assert made["spec"]["replicas"] == 0
    assert made["spec"]["selector"] == {"matchLabels": {"app": "shop-canary"}}
    template = made["spec"]["template"]
    assert template["metadata"] == {"labels": {"app": "shop-canary"}, "annotations": {"prometheus.io/port": "9000"}}
    (constraint,) = template["spec"]["topologySpreadConstraints"]
    assert constraint["labelSelector"]["matchLabels"] == {"app": "shop-canary", "team": "a"}
    assert template["spec"]["containers"] == stable["spec"]["template"]["spec"]["containers"]
    assert (wanted.title, wanted.state) == ("Deployment shop/shop-canary", "present")
    assert wanted.as_dict()["diff"][:4] == [
        "--- nothing",
        "+++ Deployment shop/shop-canary",
        f"@@ -0,0 +1,{len(wanted.as_dict()['diff']) - 3} @@",
        "+apiVersion: apps/v1",
    ]


def test_a_selector_becomes_the_canarys_own() -> None:
    stable = deployment(labels={"app": "shop", "tier": "web"}, selector={"app": "shop"})
    made = canary_deployment(stable, "c", {"app": "shop", "tier": "web-canary"}).definition
    assert made["spec"]["selector"]["matchLabels"] == {"app": "shop", "tier": "web-canary"}


def test_a_service_for_an_arm() -> None:
    made = arm_service(service(), "shop-canary", {"app": "shop-canary"}).definition
    ports = [{"name": "http", "port": 80, "targetPort": "http"}]
    assert made["spec"] == {"selector": {"app": "shop-canary"}, "ports": ports, "type": "ClusterIP"}


def change(kind: str, route: Obj, index: int = 0) -> Obj:
    route["metadata"]["resourceVersion"] = "7"
    before = copy.deepcopy(route)
    rule = list(rules_of(kind, route, NAMESPACE))[index]
    wanted = weighted_rule(rule, "shop", "shop-canary")
    assert route == before
    assert (wanted.state, wanted.definition["metadata"]["resourceVersion"]) == ("patched", "7")
    assert wanted.definition["kind"] == ROUTES[kind].kind
    shown = wanted.as_dict()["diff"]
    assert shown[0] == f"--- {wanted.title}"
    assert any(line.startswith("+") and "shop-canary" in line for line in shown)
    return wanted.definition["spec"]


def test_a_virtual_service_gets_the_canary_at_0() -> None:
    host = "shop.shop.svc.cluster.local"
    other = {"match": [{"uri": {"prefix": "/x"}}], "route": [to("else")]}
    one = {"name": "primary", "timeout": "7s", "route": [to(host, port={"number": 80})]}
    spec = change("virtualservice", virtual_service(other, one), 1)
    assert spec["http"][0] == other
    canary = to("shop-canary.shop.svc.cluster.local", 0, port={"number": 80})
    assert spec["http"][1] == {**one, "route": [to(host, 100, port={"number": 80}), canary]}


@pytest.mark.parametrize("kind", ["httproute", "grpcroute"])
def test_a_gateway_route_gets_the_canary_at_0(kind: str) -> None:
    one = {"filters": [{"type": "x"}], "backendRefs": [ref("shop")]}
    spec = change(kind, http_route(one))
    assert spec["rules"] == [{**one, "backendRefs": [ref("shop", 100), ref("shop-canary", 0)]}]


def test_backends_beside_stable_keep_their_share() -> None:
    spec = change("httproute", http_route({"backendRefs": [ref("else", 3), ref("shop")]}))
    assert spec["rules"][0]["backendRefs"] == [ref("else", 3), ref("shop", 1), ref("shop-canary", 0)]


def test_an_openshift_route_gets_an_alternate() -> None:
    route = openshift_route("shop")
    del route["spec"]["to"]["weight"]
    spec = change("openshiftroute", route)
    assert spec["to"] == {"kind": "Service", "name": "shop", "weight": 100}
    assert spec["alternateBackends"] == [{"kind": "Service", "name": "shop-canary", "weight": 0}]


def test_new_routes() -> None:
    arms = ("shop", "shop-canary")
    made = new_route("httproute", deployment(), "shop", "gateways/front", ["shop.example"], arms, 80).definition["spec"]
    assert made["parentRefs"] == [{"name": "front", "namespace": "gateways"}]
    assert made["rules"] == [{"backendRefs": [ref("shop", 100), ref("shop-canary", 0)]}]
    assert new_route("httproute", deployment(), "shop", "front", [], arms, 80).definition["spec"]["parentRefs"] == [
        {"name": "front"}
    ]
    made = new_route("virtualservice", deployment(), "shop", "istio/front", ["shop.example"], arms, 80).definition[
        "spec"
    ]
    assert (made["gateways"], made["hosts"]) == (["istio/front"], ["shop.example"])
    port = {"number": 80}
    assert made["http"] == [{"name": "primary", "route": [to("shop", 100, port=port), to("shop-canary", 0, port=port)]}]
