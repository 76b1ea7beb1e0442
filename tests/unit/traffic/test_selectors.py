# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.route import Backend
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.selectors import pod_selectors

from tests.unit.traffic.builders import CORE, put_route, spec
from tests.unit.traffic.fake_api import FakeApi

RULES = "/apis/networking.istio.io/v1/namespaces/production/destinationrules"


def services() -> FakeApi:
    api = FakeApi()
    for name, version in (("shop-main", "main"), ("shop-canary", "canary")):
        api.put(f"{CORE}/services/{name}", {"spec": {"selector": {"version": version, "app": "shop"}}})
    return api


def test_services_by_their_selectors() -> None:
    assert pod_selectors(Cluster(services()), spec("httproute")) == {
        "stable": ("production", "app=shop,version=main"),
        "canary": ("production", "app=shop,version=canary"),
    }


def test_a_service_of_another_namespace_by_its_full_name() -> None:
    api = services()
    api.put("/api/v1/namespaces/other/services/shop", {"spec": {"selector": {"a": "b"}}})
    backends = (Backend("x", service="shop.other.svc.cluster.local"), Backend("y", service="shop-main"))
    selectors = pod_selectors(Cluster(api), spec("virtualservice", backends=backends))
    assert selectors == {"x": ("other", "a=b"), "y": ("production", "app=shop,version=main")}


def test_deployments_by_their_selectors() -> None:
    api = FakeApi()
    put_route(api, "replicas", 3, 1)
    assert pod_selectors(Cluster(api), spec("replicas"))["canary"] == ("production", "app=shop,version=canary")


def test_subsets_by_their_destination_rule() -> None:
    api = services()
    api.put(f"{RULES}/other", {"spec": {"host": "other", "subsets": [{"name": "v2", "labels": {"version": "no"}}]}})
    subsets = [{"name": "v1"}, {"name": "v2", "labels": {"version": "v2"}}]
    api.put(f"{RULES}/shop", {"spec": {"host": "shop-main.production.svc.cluster.local", "subsets": subsets}})
    backends = tuple(Backend(name, service="shop-main", subset=name) for name in ("v1", "v2"))
    selectors = pod_selectors(Cluster(api), spec("virtualservice", backends=backends))
    assert selectors == {"v1": ("production", "app=shop,version=main"), "v2": ("production", "app=shop,version=v2")}
    backends = (Backend("v3", service="shop-main", subset="v3"),)
    with pytest.raises(TrafficError, match="no DestinationRule in namespace 'production' defines it") as caught:
        pod_selectors(Cluster(api), spec("virtualservice", backends=backends))
    assert caught.value.error == "unknown_backend"


def test_what_is_not_there_or_not_of_this_cluster() -> None:
    with pytest.raises(TrafficError, match="route.backends.stable is Service 'shop-main', but namespace 'production'"):
        pod_selectors(Cluster(FakeApi()), spec("httproute"))
    backends = (Backend("stable", service="shop.example.org"),)
    with pytest.raises(TrafficError, match="not a Service of this cluster"):
        pod_selectors(Cluster(FakeApi()), spec("virtualservice", backends=backends))
