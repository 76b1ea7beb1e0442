# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From options to the module's result, against an API server in memory."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.weigh import weigh

from tests.unit.traffic.builders import CORE, SLICES, put_route
from tests.unit.traffic.fake_api import FakeApi, FakeClock

METRICS = {"metric": "m", "matchers": "", "via": "proxy", "interval": 0.25}


def params(kind: str = "httproute", **options: Any) -> dict[str, Any]:
    key = "deployment" if kind == "replicas" else "service"
    backends = {"stable": {key: "shop-main"}, "canary": {key: "shop-canary"}}
    route = {"kind": kind, "name": "shop", "backends": backends}
    return {"namespace": "production", "route": route, "split": None, **options}


def run(api: FakeApi, *, check_mode: bool = False, clock: FakeClock | None = None, **options: Any) -> dict[str, Any]:
    return weigh(Cluster(api), params(**options), clock or FakeClock(), check_mode=check_mode)


def start(kind: str = "httproute", **faults: Any) -> FakeApi:
    api = FakeApi(**faults)
    put_route(api, kind, 100 if kind != "replicas" else 3, 0)
    return api


def test_without_a_split_the_route_is_read() -> None:
    result = run(start())
    assert (result["changed"], result["before"], result["after"]) == (False, *[{"stable": 100, "canary": 0}] * 2)
    assert result["msg"] == "httproute production/shop is at stable 100 %, canary 0 %."


def test_a_split_is_set_and_the_diff_shows_weights_only() -> None:
    api = start()
    result = run(api, split={"stable": 90, "canary": 10})
    assert (result["changed"], result["after"], result["attempts"]) == (True, {"stable": 90, "canary": 10}, 1)
    assert result["diff"]["before"] == "stable: 100\ncanary: 0\n"
    assert result["diff"]["after"] == "stable: 90\ncanary: 10\n"
    assert result["route"] == {"kind": "httproute", "name": "shop", "namespace": "production", "rule": ""}
    assert run(api, split={"stable": 90, "canary": 10})["msg"].endswith("already was at stable 90 %, canary 10 %.")


def test_check_mode_does_not_observe() -> None:
    result = run(
        start(),
        check_mode=True,
        split={"stable": 90, "canary": 10},
        observe=True,
        observe_timeout=1.0,
        observe_metrics=METRICS,
    )
    assert result["changed"]
    assert "observation" not in result


def test_what_the_pods_make_of_it_is_said() -> None:
    result = run(start("replicas"), kind="replicas", split={"stable": 67, "canary": 33}, check_mode=True)
    assert result["msg"].endswith("would be at stable 67 %, canary 33 %.")
    result = run(start("replicas"), kind="replicas", split={"stable": 90, "canary": 10}, check_mode=True)
    assert result["note"] in result["msg"]
    assert "the pods (stable 2, canary 1) give stable 67 %, canary 33 %" in result["note"]


def observed(**api: Any) -> FakeApi:
    """Two ready pods of stable behind the Service, which is what the split asks for."""
    there = FakeApi(**api)
    put_route(there, "replicas", 2, 0)
    endpoints = []
    for name in ("a", "b"):
        there.put(f"{CORE}/pods/{name}", {"metadata": {"labels": {"app": "shop", "version": "main"}}})
        endpoints.append({"targetRef": {"kind": "Pod", "name": name}})
    labels = {"kubernetes.io/service-name": "shop"}
    there.put(f"{SLICES}/x", {"metadata": {"labels": labels}, "endpoints": endpoints})
    return there


OBSERVE = {"observe": True, "observe_timeout": 1.0, "observe_metrics": METRICS}


def test_the_observation_is_part_of_the_result() -> None:
    result = run(observed(), kind="replicas", split={"stable": 100, "canary": 0}, **OBSERVE)
    assert result["observation"] == {"followed": True, "by": "status", "seconds": 0.0, "requests": _NONE}


_NONE = {"stable": 0, "canary": 0}


def test_a_failed_observation_still_tells_what_was_written() -> None:
    api = observed()
    api.objects.pop(f"{SLICES}/x")
    with pytest.raises(TrafficError) as caught:
        run(api, kind="replicas", split={"stable": 100, "canary": 0}, **OBSERVE)
    assert caught.value.error == "not_followed"
    assert caught.value.data["after"] == {"stable": 100, "canary": 0}
    assert caught.value.data["observation"]["followed"] is False


def test_an_observation_that_cannot_begin_still_tells_what_was_written() -> None:
    with pytest.raises(TrafficError) as caught:
        run(start(read_faults=["", "lost"]), split={"stable": 90, "canary": 10}, **OBSERVE)
    assert (caught.value.error, caught.value.data["changed"]) == ("unreachable", True)
    assert "is at stable 90 %, canary 10 %, but could not be observed" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"split": {"stable": 90, "canary": 9}}, "bad_split"),
        ({"split": {"stable": 90, "other": 10}}, "unknown_backend"),
        ({"namespace": ""}, "bad_route"),
    ],
)
def test_mistakes_are_refused_before_anything_is_asked(options: dict[str, Any], error: str) -> None:
    api = start()
    with pytest.raises(TrafficError) as caught:
        run(api, **options)
    assert caught.value.error == error
    assert (api.reads, api.writes) == ([], [])


def test_a_route_that_cannot_be_read() -> None:
    with pytest.raises(TrafficError, match="could not be read. connection refused") as caught:
        run(start(read_faults=["unreachable"]))
    assert caught.value.error == "unreachable"
