# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.app import find_app
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.design import Design, Wish, design
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.world import GATEWAY, ROUTES, AdoptError
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT, SERVICE

from tests.unit.adopt.builders import (
    both,
    deployment,
    http_route,
    openshift_route,
    ref,
    service,
    simple,
    store,
    to,
    virtual_service,
    world,
)
from tests.unit.store import Store

SERVICES = {"stable": {"service": "shop"}, "canary": {"service": "shop-canary"}}


def made(found: Store, reference: str = "deployment/shop", **wish: Any) -> Design:
    there = world(found)
    return design(there, find_app(there, reference), Wish(**wish))


def titles(plan: Design) -> list[str]:
    return [f"{one.what} {one.title} {one.state}" for one in plan.wanted]


@pytest.mark.parametrize(
    ("kind", "route"),
    [
        ("httproute", http_route({"name": "primary", "backendRefs": [ref("shop")]})),
        ("virtualservice", virtual_service({"name": "primary", "route": [to("shop")]})),
        ("openshiftroute", openshift_route("shop")),
    ],
)
def test_a_route_to_stable_alone(kind: str, route: dict[str, Any]) -> None:
    plan = made(simple((kind, route)))
    rule = {} if kind == "openshiftroute" else {"rule": "primary"}
    assert plan.route == {"kind": kind, "name": "shop", **rule, "backends": SERVICES}
    assert titles(plan) == [
        "canary_deployment Deployment shop/shop-canary present",
        "services Service shop/shop-canary present",
        f"weighted_route {ROUTES[kind].kind} shop/shop patched",
    ]
    assert plan.wanted[1].definition["spec"]["selector"] == {"app": "shop-canary"}
    assert (plan.canary, plan.selector, plan.own, plan.questions) == (
        "shop-canary",
        {"app": "shop"},
        {"app": "shop-canary"},
        (),
    )


def test_nothing_is_missing_where_a_team_has_it_all() -> None:
    split = virtual_service({"route": [to("shop-main", 100), to("shop-canary", 0)]})
    plan = made(store(*both(), (ROUTES["virtualservice"], split)), "deployment/shop-main")
    backends = {"stable": {"service": "shop-main"}, "canary": {"service": "shop-canary"}}
    assert plan.route == {"kind": "virtualservice", "name": "shop", "backends": backends}
    assert (plan.wanted, plan.selector) == ((), {"app": "shop", "version": "main"})


def test_subsets_of_one_service() -> None:
    split = virtual_service({"route": [to("shop", 0, subset="v2-canary"), to("shop", 100, subset="v1")]})
    plan = made(simple(("virtualservice", split)))
    assert plan.route is not None
    assert plan.route["backends"] == {
        "stable": {"service": "shop", "subset": "v1"},
        "canary": {"service": "shop", "subset": "v2-canary"},
    }
    assert titles(plan) == ["canary_deployment Deployment shop/shop-canary present"]


def test_a_route_to_both_as_one() -> None:
    """Users come by a Service that selects the canary too: the team must say what is meant."""
    plan = made(
        store(*both(), (ROUTES["httproute"], http_route({"backendRefs": [ref("shop")]}))), "deployment/shop-main"
    )
    assert plan.wanted == ()
    assert "httproute shop sends users to shop, which selects the canary's pods as well" in plan.questions[0]


def test_other_ways_are_asked_about() -> None:
    routes = [
        (
            "httproute",
            http_route(
                {"backendRefs": [ref("shop")]},
                {"name": "x", "matches": [{"headers": []}], "backendRefs": [ref("shop")]},
            ),
        ),
        ("openshiftroute", openshift_route("shop")),
    ]
    plan = made(simple(*routes))
    assert len(plan.questions) == 2
    assert "openshiftroute shop sends users to the app as well, and is not split" in plan.questions[0]
    assert "rule x of httproute shop sends users" in plan.questions[1]


def test_no_route_is_a_question_with_the_gateways_there_are() -> None:
    found = simple()
    plan = made(found)
    assert plan.route is None
    assert titles(plan)[-1] == "services Service shop/shop-canary present"
    assert "no gateway was seen in the cluster" in plan.questions[0]
    found.put(GATEWAY, None, {"metadata": {"name": "front"}})
    found.objects[GATEWAY.path(None, "front")]["metadata"]["namespace"] = "gateways"
    assert "gateways that were seen: gateways/front (httproute)" in made(found).questions[0]


@pytest.mark.parametrize("kind", ["httproute", "virtualservice"])
def test_a_new_route(kind: str) -> None:
    plan = made(simple(), kind=kind, gateway="gateways/front", hosts=("shop.example",))
    assert titles(plan)[-1] == f"weighted_route {ROUTES[kind].kind} shop/shop present"
    assert plan.route == {"kind": kind, "name": "shop", "backends": SERVICES}
    assert plan.questions == ()


def test_by_the_number_of_pods() -> None:
    plan = made(store(*both()), "deployment/shop-main")
    assert plan.route == {
        "kind": "replicas",
        "name": "shop",
        "backends": {"stable": {"deployment": "shop-main"}, "canary": {"deployment": "shop-canary"}},
    }
    assert plan.selector == {"app": "shop", "version": "main"}
    assert "10 % needs ten pods" in plan.notes[0]
    labels = {"app": "shop", "version": "main"}
    alone = store((DEPLOYMENT, deployment("shop", labels)), (SERVICE, service()))
    plan = made(alone, kind="replicas")
    assert titles(plan) == ["canary_deployment Deployment shop/shop-canary present"]
    assert plan.own == {"version": "canary"}
    with pytest.raises(AdoptError, match="the Service must select the pods of both"):
        made(simple(), kind="replicas")


def test_a_canary_without_services() -> None:
    pairs = [(kind, obj) for kind, obj in both() if kind is DEPLOYMENT or obj["metadata"]["name"] == "shop"]
    plan = made(store(*pairs), "deployment/shop-main", kind="httproute", gateway="g/g", hosts=("x",))
    assert titles(plan) == [
        "services Service shop/shop-stable present",
        "services Service shop/shop-canary present",
        "weighted_route HTTPRoute shop/shop present",
    ]


def test_names_that_are_taken() -> None:
    found = simple(("httproute", http_route({"backendRefs": [ref("shop")]})))
    found.put(SERVICE, "shop", service("shop-canary", {"app": "else"}))
    assert "services Service shop/shop-canary-2 present" in titles(made(found))


@pytest.mark.parametrize("kind", ["", "replicas"])
def test_no_service_no_users(kind: str) -> None:
    with pytest.raises(AdoptError, match="No Service selects the pods of Deployment 'shop'"):
        made(store((DEPLOYMENT, deployment())), kind=kind)
