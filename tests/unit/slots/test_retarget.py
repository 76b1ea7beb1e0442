# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.slots.notes import FORMER
from ansible_collections.slipway.rollout.plugins.module_utils.slots.route import live_of, whole
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError

from tests.unit.slots.builders import route, shop
from tests.unit.traffic.builders import CORE, NAMESPACE, PATHS, SLICES, destination, virtual_service
from tests.unit.traffic.fake_api import FakeApi, Obj

ROUTES = ("virtualservice", "httproute", "grpcroute")


def go(api: FakeApi, kind: str, slot: str, **changes: Any) -> None:
    switch = route(api, kind, **changes)
    state = switch.read()
    for step in switch.plan(state, whole(switch.switch, slot)):
        state = switch.write(state, step, dry_run=False)
    assert live_of(state) == slot


def entries(api: FakeApi, kind: str) -> list[Obj]:
    spec = api.objects[PATHS[kind]]["spec"]
    found: list[Obj] = spec["http"][1]["route"] if kind == "virtualservice" else spec["rules"][1]["backendRefs"]
    return found


@pytest.mark.parametrize("kind", ROUTES)
def test_the_one_destination_is_made_to_mean_the_other_slot(kind: str) -> None:
    api = shop()
    go(api, kind, "green")
    (entry,) = entries(api, kind)
    assert (entry.get("name") or entry["destination"]["host"]) == "shop-green"
    assert api.objects[PATHS[kind]]["metadata"]["annotations"] == {FORMER: "blue"}
    go(api, kind, "green")
    assert len(api.writes) == 1


@pytest.mark.parametrize("kind", ROUTES)
def test_with_two_destinations_their_weights_change(kind: str) -> None:
    api = shop(single=False)
    go(api, kind, "green")
    assert [entry["weight"] for entry in entries(api, kind)] == [0, 100]
    assert api.objects[PATHS[kind]]["metadata"]["annotations"] == {FORMER: "blue"}


def test_users_on_both_have_no_former_slot() -> None:
    api = shop(single=False)
    api.change(PATHS["virtualservice"], lambda obj: obj["spec"]["http"][1]["route"][1].update(weight=100))
    assert live_of(route(api, "virtualservice").read()) == ""
    go(api, "virtualservice", "blue")
    assert "annotations" not in api.objects[PATHS["virtualservice"]]["metadata"]


def test_a_subset_and_a_port_go_with_the_slot() -> None:
    api, slots = shop(), {"blue": {"service": "shop", "subset": "b"}, "green": {"service": "shop-green", "port": 81}}
    api.put(PATHS["virtualservice"], virtual_service({"route": [destination("shop", subset="b")]}))
    go(api, "virtualservice", "green", slots=slots)
    there = api.objects[PATHS["virtualservice"]]["spec"]["http"][0]["route"][0]["destination"]
    assert there == {"host": "shop-green", "port": {"number": 81}}
    slots = {"blue": {"service": "shop", "subset": "b"}, "green": {"service": "shop-green"}}
    go(api, "virtualservice", "blue", slots=slots)
    there = api.objects[PATHS["virtualservice"]]["spec"]["http"][0]["route"][0]["destination"]
    assert (there["host"], there["subset"]) == ("shop", "b")


def test_a_backend_of_the_gateway_api_takes_its_port_along() -> None:
    api, slots = shop(), {"blue": {"service": "shop-blue"}, "green": {"service": "shop-green", "port": 81}}
    go(api, "httproute", "green", slots=slots)
    assert entries(api, "httproute") == [{"name": "shop-green", "port": 81}]


def test_rules_that_cannot_be_told_apart_or_are_not_there() -> None:
    api = shop()
    two = virtual_service({"name": "a", "route": [destination("shop-blue")]}, {"route": [destination("shop-green")]})
    api.put(PATHS["virtualservice"], two)
    with pytest.raises(TrafficError, match=r"has 2 rules that lead to a slot: spec.http\[0\] 'a'") as caught:
        route(api, "virtualservice").read()
    assert caught.value.error == "ambiguous_rule"
    assert live_of(route(api, "virtualservice", rule="a").read()) == "blue"
    with pytest.raises(TrafficError, match="no rule whose one destination is blue") as caught:
        route(api, "virtualservice", rule="c").read()
    assert caught.value.error == "no_rule"


def test_only_pods_that_are_endpoints_serve() -> None:
    api = shop()
    api.change(f"{SLICES}/shop-green-1", lambda obj: obj["endpoints"].pop())
    switch = route(api, "virtualservice")
    serving = switch.serving(switch.read(), "green")
    assert (len(serving.ready), serving.total, serving.why) == (2, 3, "1 more are no endpoints of Service shop-green")
    assert switch.selectors(switch.read())["blue"] == (NAMESPACE, {"app": "shop", "slot": "blue"})


def test_a_slot_without_a_service() -> None:
    api = shop()
    switch = route(api, "virtualservice")
    del api.objects[f"{CORE}/services/shop-green"]
    with pytest.raises(TrafficError, match="switch.slots.green.service is 'shop-green', but namespace 'production'"):
        switch.serving(switch.read(), "green")
    slots = {"blue": {"service": "shop-blue"}, "green": {"service": "green.example.org"}}
    switch = route(api, "virtualservice", slots=slots)
    with pytest.raises(TrafficError, match="not a Service of this cluster"):
        switch.serving(switch.read(), "green")


def test_what_the_cluster_says_of_the_route() -> None:
    api = shop()
    assert route(api, "virtualservice").observe().state == "unknown"
    assert route(api, "httproute").observe().state == "waiting"
