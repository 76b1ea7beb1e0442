# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.arguments import parse_route
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.openshiftroute import settling
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.selectors import pod_selectors

from tests.unit.traffic.builders import CORE, PATHS, openshift_route, route, service, spec, split
from tests.unit.traffic.fake_api import FakeApi

KIND = "openshiftroute"


def put(to: dict[str, Any], *others: dict[str, Any]) -> FakeApi:
    api = FakeApi()
    api.put(PATHS[KIND], openshift_route(to, *others))
    return api


@pytest.mark.parametrize(
    ("weights", "shares", "percent"),
    [
        ((90, 10), (90, 10), (90, 10)),
        ((256, 0), (256, 0), (100, 0)),
        ((192, 64), (192, 64), (75, 25)),
        ((None, None), (100, 100), (50, 50)),
        ((None, 0), (100, 0), (100, 0)),
    ],
)
def test_weights_are_relative_and_absent_is_a_hundred(
    weights: tuple[int | None, int | None], shares: tuple[int, int], percent: tuple[int, int]
) -> None:
    state = route(put(service("shop-main", weights[0]), service("shop-canary", weights[1])), KIND).read()
    assert tuple(state.shares.values()) == shares
    assert state.split == split(*percent)


@pytest.mark.parametrize(
    ("weights", "asked", "changes"),
    [
        ((192, 64), (75, 25), []),
        ((100, 0), (90, 10), [("replace", "/spec/to", 90), ("replace", "/spec/alternateBackends/0", 10)]),
        ((None, 0), (100, 0), []),
        ((None, 50), (100, 0), [("add", "/spec/to", 100), ("replace", "/spec/alternateBackends/0", 0)]),
    ],
)
def test_only_weights_are_written(
    weights: tuple[int | None, int | None], asked: tuple[int, int], changes: list[tuple[str, str, int]]
) -> None:
    there = route(put(service("shop-main", weights[0]), service("shop-canary", weights[1])), KIND)
    patch = [change for step in there.plan(there.read(), split(*asked)) for change in step.patch[1:]]
    assert patch == [{"op": op, "path": f"{path}/weight", "value": value} for op, path, value in changes]


def test_stable_may_be_the_alternate() -> None:
    api = put(service("shop-canary", 0), service("else", 0), service("shop-main", 256))
    there = route(api, KIND)
    assert there.read().split == split(100, 0)
    (step,) = there.plan(there.read(), split(50, 50))
    assert [change["path"] for change in step.patch[1:]] == ["/spec/alternateBackends/1/weight", "/spec/to/weight"]


def test_a_backend_that_gets_traffic_and_is_not_named() -> None:
    with pytest.raises(TrafficError, match="has backend else") as caught:
        route(put(service("shop-main"), service("shop-canary", 0), service("else", 1)), KIND).read()
    assert caught.value.error == "unnamed_backend"


def test_a_backend_that_is_not_there() -> None:
    with pytest.raises(TrafficError, match=r"but openshiftroute production/shop has spec \(shop-main\)"):
        route(put(service("shop-main")), KIND).read()
    with pytest.raises(TrafficError, match=r"has spec \(no backends\)"):
        route(put({}), KIND).read()


def test_an_empty_kind_is_a_service() -> None:
    api = put(service("shop-main", 100, kind=""), service("shop-canary", 0))
    assert route(api, KIND).read().split == split(100, 0)


def test_the_option_route() -> None:
    backends = {"stable": {"service": "shop-main"}, "canary": {"service": "shop-canary"}}
    params = {"namespace": "production", "route": {"kind": KIND, "name": "shop", "backends": backends}}
    assert parse_route(params) == spec(KIND)
    backends["canary"]["port"] = "8080"
    with pytest.raises(TrafficError, match="has 'port', which kind openshiftroute does not know"):
        parse_route(params)


def test_pods_by_the_selectors_of_the_services() -> None:
    api = FakeApi()
    for arm in ("main", "canary"):
        api.put(f"{CORE}/services/shop-{arm}", {"spec": {"selector": {"app": "shop", "version": arm}}})
    assert pod_selectors(Cluster(api), spec(KIND)) == {
        "stable": ("production", "app=shop,version=main"),
        "canary": ("production", "app=shop,version=canary"),
    }


def router(status: str, kind: str = "Admitted", **more: Any) -> dict[str, Any]:
    return {"routerName": "default", "conditions": [{"type": kind, "status": status, **more}]}


@pytest.mark.parametrize(
    ("routers", "state", "said"),
    [
        ([], "waiting", "no router has reported on this Route"),
        ([router("True")], "unknown", ""),
        ([router("True"), router("True", "UnservableInFutureVersions")], "waiting", "'default' has not yet reported"),
        ([router("Unknown")], "waiting", "has not yet reported Admitted"),
        ([{}], "waiting", "router '?' has not"),
        (
            [router("False", reason="HostAlreadyClaimed", message="route a already exposes it")],
            "refused",
            "router 'default' reports Admitted=False (HostAlreadyClaimed: route a already exposes it)",
        ),
    ],
)
def test_what_routers_say(routers: list[dict[str, Any]], state: str, said: str) -> None:
    settled = settling({"status": {"ingress": routers}})
    assert settled.state == state
    assert said in settled.reason


def test_observe_looks_at_the_object() -> None:
    assert route(put(service("shop-main"), service("shop-canary")), KIND).observe().state == "waiting"
