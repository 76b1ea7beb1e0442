# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError

from tests.unit.traffic.builders import APPS, CORE, PATHS, SLICES, deployment, put_route, route, split
from tests.unit.traffic.fake_api import FakeApi

KIND = "replicas"


def api_with(stable: int, canary: int) -> FakeApi:
    api = FakeApi()
    put_route(api, KIND, stable, canary)
    return api


def test_reading_counts_pods() -> None:
    state = route(api_with(3, 1), KIND).read()
    assert (dict(state.shares), state.split) == ({"stable": 3, "canary": 1}, split(75, 25))
    assert state.resource_version == "102,103"


def test_more_pods_come_before_fewer_and_the_rest_waits() -> None:
    there = route(api_with(3, 0), KIND)
    up, down = there.plan(there.read(), split(50, 50))
    assert (up.name, up.hold, dict(up.gives)) == ("shop-canary", "", {"stable": 3, "canary": 1})
    assert up.patch == (
        {"op": "replace", "path": "/metadata/resourceVersion", "value": "103"},
        {"op": "replace", "path": "/spec/replicas", "value": 1},
    )
    assert (down.name, dict(down.gives)) == ("shop-main", {"stable": 2, "canary": 1})
    assert down.hold == "more pods must be ready before any are taken away"


def test_pods_are_not_taken_away_while_others_are_not_ready() -> None:
    api = api_with(3, 2)
    api.put(f"{APPS}/shop-canary", deployment("canary", 2, ready=1))
    there = route(api, KIND, capacity=4)
    (down,) = there.plan(there.read(), split(50, 50))
    assert (down.name, down.hold) == ("shop-main", "canary has 1 of 2 pods ready")


def test_readiness_that_is_older_than_the_change_does_not_count() -> None:
    api = api_with(3, 2)
    stale = deployment("canary", 2)
    stale["status"]["observedGeneration"] = 1
    api.put(f"{APPS}/shop-canary", stale)
    there = route(api, KIND, capacity=4)
    (down,) = there.plan(there.read(), split(50, 50))
    assert down.hold == "canary has 0 of 2 pods ready"


def test_the_canary_goes_at_once_when_stable_is_ready() -> None:
    api = api_with(3, 1)
    api.put(f"{APPS}/shop-canary", deployment("canary", 1, ready=0))
    there = route(api, KIND, capacity=3, keep=(("stable", 3),))
    (down,) = there.plan(there.read(), split(100, 0))
    assert (down.name, down.hold) == ("shop-canary", "")


def test_an_absent_count_is_one_and_is_added() -> None:
    api = api_with(1, 1)
    bare = deployment("main", 1)
    del bare["spec"]["replicas"]
    api.put(f"{APPS}/shop-main", bare)
    there = route(api, KIND, capacity=4)
    up, *_later = there.plan(there.read(), split(75, 25))
    assert up.patch[1] == {"op": "add", "path": "/spec/replicas", "value": 3}


def test_a_missing_deployment_is_named() -> None:
    api = api_with(3, 1)
    del api.objects[f"{APPS}/shop-canary"]
    with pytest.raises(TrafficError, match="route.backends.canary.deployment is 'shop-canary'") as caught:
        route(api, KIND).read()
    assert caught.value.error == "unknown_backend"


def test_a_missing_service_is_a_missing_route() -> None:
    with pytest.raises(TrafficError, match="no Service 'shop'") as caught:
        route(FakeApi(), KIND).read()
    assert caught.value.error == "no_route"


@pytest.mark.parametrize("selector", [{"app": "shop", "version": "main"}, {}])
def test_the_service_must_select_every_backend(selector: dict[str, str]) -> None:
    api = api_with(3, 1)
    api.put(PATHS[KIND], {"spec": {"selector": selector}})
    with pytest.raises(TrafficError, match="one Service must select the pods of every backend") as caught:
        route(api, KIND).read()
    assert caught.value.error == "unknown_backend"


def endpoint(pod: str, ready: bool | None = True, kind: str = "Pod") -> dict[str, Any]:
    conditions = {} if ready is None else {"ready": ready}
    return {"conditions": conditions, "targetRef": {"kind": kind, "name": pod}}


def test_observe_compares_ready_endpoints_with_what_was_asked() -> None:
    api = api_with(2, 1)
    for name, version in (("a", "main"), ("b", "main"), ("c", "canary")):
        api.put(f"{CORE}/pods/{name}", {"metadata": {"labels": {"app": "shop", "version": version}}})
    labels = {"kubernetes.io/service-name": "shop"}
    there = route(api, KIND)
    api.put(f"{SLICES}/shop-1", {"metadata": {"labels": labels}, "endpoints": [endpoint("a"), endpoint("b", False)]})
    waiting = there.observe()
    assert waiting.state == "waiting"
    assert waiting.reason == "Service 'shop' has ready endpoints stable 1, canary 0; asked for stable 2, canary 1"
    endpoints = [endpoint("b", None), endpoint("c"), endpoint("node", kind="Node"), {"addresses": []}]
    api.put(f"{SLICES}/shop-2", {"metadata": {"labels": labels}, "endpoints": endpoints})
    assert there.observe().state == "settled"


def test_there_are_no_other_versions_of_a_service() -> None:
    with pytest.raises(TrafficError, match="belongs to the group"):
        route(api_with(1, 1), KIND, api_version="networking.istio.io/v1")
