# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.route import Backend, RouteState
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.virtualservice import host_key

from tests.unit.traffic.builders import PATHS, destination, put_route, route, split, virtual_service
from tests.unit.traffic.fake_api import FakeApi

KIND = "virtualservice"


def read(obj: dict[str, Any], **spec: Any) -> RouteState:
    api = FakeApi()
    api.put(PATHS[KIND], obj)
    return route(api, KIND, **spec).read()


def shares(*entries: dict[str, Any], **spec: Any) -> dict[str, int]:
    return dict(read(virtual_service({"route": list(entries)}), **spec).shares)


def refusal(obj: dict[str, Any], **spec: Any) -> TrafficError:
    with pytest.raises(TrafficError) as caught:
        read(obj, **spec)
    return caught.value


@pytest.mark.parametrize(
    ("host", "same"),
    [
        ("shop", True),
        ("SHOP", True),
        ("shop.production.svc.cluster.local", True),
        ("shop.production.svc.cluster.local.", True),
        ("shop.production.svc.example.org", True),
        ("shop.other.svc.cluster.local", False),
        ("shop.production", False),  # Istio takes a name with a dot as it stands
        ("shop.example.org", False),
        ("production", False),
    ],
)
def test_hosts_of_one_service(host: str, same: bool) -> None:
    assert (host_key(host, "production") == host_key("shop", "production")) is same


@pytest.mark.parametrize("host", ["shop-main", "shop-main.production.svc.cluster.local"])
def test_short_and_long_names_mean_the_same(host: str) -> None:
    assert shares(destination(host, 90), destination("shop-canary", 10)) == {"stable": 90, "canary": 10}


def test_absent_weight_is_nothing_beside_others() -> None:
    assert shares(destination("shop-main", 100), destination("shop-canary")) == {"stable": 100, "canary": 0}


def test_a_rule_without_all_backends_is_told_what_is_missing() -> None:
    error = refusal(virtual_service({"name": "primary", "route": [destination("shop-main")]}))
    assert error.error == "unknown_backend"
    assert "names canary (shop-canary)" in str(error)
    assert "spec.http[0] 'primary' (shop-main)" in str(error)
    assert "weight 0" in str(error)


def test_subsets_of_one_host() -> None:
    backends = (Backend("stable", service="shop", subset="v1"), Backend("canary", service="shop", subset="v2"))
    entries = (destination("shop", 30, subset="v1"), destination("shop", 70, subset="v2"))
    assert shares(*entries, backends=backends) == {"stable": 30, "canary": 70}


def test_a_subset_must_be_named() -> None:
    entries = [destination("shop-main", 90, subset="v1"), destination("shop-canary", 10)]
    error = refusal(virtual_service({"route": entries}))
    assert error.error == "unknown_backend"
    assert "shop-main/v1" in str(error)


def test_ports_are_told_apart_when_they_are_given() -> None:
    entries = (
        destination("shop-main", 60, port={"number": 80}),
        destination("shop-main", 0, port={"number": 81}),
        destination("shop-canary", 40, port={"number": 80}),
    )
    error = refusal(virtual_service({"route": list(entries)}))
    assert error.error == "ambiguous_backend"
    assert "shop-main:80, shop-main:81" in str(error)
    backends = (Backend("stable", service="shop-main", port=80), Backend("canary", service="shop-canary"))
    assert shares(*entries, backends=backends) == {"stable": 60, "canary": 40}


def test_one_entry_for_two_backends_is_refused() -> None:
    backends = (
        Backend("stable", service="shop-main", port=80),
        Backend("canary", service="shop-main"),
    )
    error = refusal(virtual_service({"route": [destination("shop-main", 1, port={"number": 80})]}), backends=backends)
    assert error.error == "ambiguous_backend"
    assert "stable and canary both mean shop-main:80" in str(error)


def test_a_backend_that_is_not_named_must_have_no_weight() -> None:
    entries = [destination("shop-main", 90), destination("shop-canary", 5), destination("elsewhere", 5)]
    error = refusal(virtual_service({"name": "primary", "route": entries}))
    assert error.error == "unnamed_backend"
    assert "spec.http[0] 'primary'" in str(error)
    assert "has backend elsewhere (weight 5) that route.backends does not name" in str(error)
    entries[1]["weight"], entries[2]["weight"] = 10, 0
    assert shares(*entries) == {"stable": 90, "canary": 10}


BOTH = [destination("shop-main", 100), destination("shop-canary", 0)]


def test_two_rules_that_match_are_listed() -> None:
    error = refusal(virtual_service({"name": "a", "route": BOTH}, {"route": BOTH}))
    assert error.error == "ambiguous_rule"
    assert "2 rules that match: spec.http[0] 'a' (shop-main, shop-canary); spec.http[1] (shop-main, shop" in str(error)


def test_two_rules_of_one_name_are_listed() -> None:
    error = refusal(virtual_service({"name": "a", "route": BOTH}, {"name": "a", "route": []}), rule="a")
    assert error.error == "ambiguous_rule"


def test_a_rule_by_its_name() -> None:
    obj = virtual_service({"name": "a", "route": BOTH}, {"name": "b", "route": BOTH[:1]})
    assert read(obj, rule="a").split == split(100, 0)
    error = refusal(obj, rule="c")
    assert error.error == "no_rule"
    assert "route.rule is 'c'" in str(error)
    assert "spec.http[0] 'a'" in str(error)


def test_no_rule_with_all_backends() -> None:
    error = refusal(virtual_service({"route": BOTH[:1]}, {"redirect": {}}))
    assert error.error == "no_rule"
    assert "stable (shop-main) and canary (shop-canary)" in str(error)
    assert "spec.http[1] (no backends)" in str(error)
    assert "no rules at all" in str(refusal({"spec": {}}, rule="x"))


def test_the_error_names_subset_and_port_that_were_asked_for() -> None:
    backends = (Backend("stable", service="shop", subset="v1", port=80), Backend("canary", service="shop-canary"))
    assert "stable (shop, subset v1, port 80)" in str(refusal(virtual_service({"route": BOTH}), backends=backends))


def test_nothing_in_the_status_says_whether_proxies_followed() -> None:
    api = FakeApi()
    put_route(api, KIND, 90, 10)
    assert route(api, KIND).observe().state == "unknown"
