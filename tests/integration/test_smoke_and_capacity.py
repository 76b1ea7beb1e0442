# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules smoke_test, canary_capacity, rollout_info and preflight against the real cluster."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import Lab
from tests.integration.module import run_module
from tests.integration.shop import NAME, Shop

HEALTH = {"path": "/health/all", "repeat": 2}


def run(lab: Lab, module: str, shop: Shop, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    params = {"kubeconfig": str(lab.kubeconfig), "namespace": shop.namespace}
    return run_module(module, params | options, check_mode=check_mode)


@pytest.mark.parametrize("via", ["direct", "proxy"])
def test_pods_are_asked_either_way(lab: Lab, shop: Shop, via: str) -> None:
    shop.scale(main=2, canary=1)
    tests = [HEALTH, {"path": "/v1/transform", "contains": "tokens"}]
    found = run(lab, "smoke_test", shop, name=f"{NAME}-main", tests=tests, via=via)
    assert found["msg"] == "2 smoke tests passed on 2 pods"
    assert {result["status"] for result in found["results"]} == {200}


@pytest.mark.parametrize("via", ["direct", "proxy"])
def test_what_is_wrong_is_said(lab: Lab, shop: Shop, via: str) -> None:
    tests = [{"path": "/nothing-there"}]
    found = run(lab, "smoke_test", shop, name=f"{NAME}-canary", tests=tests, via=via)
    assert found["failed"]
    assert "answers 404, expected 200" in found["msg"]
    closed = [{"path": "/", "port": "1", "timeout": 2}]
    found = run(lab, "smoke_test", shop, name=f"{NAME}-canary", tests=closed, via=via)
    assert found["failed"]
    assert "refused" in found["msg"]


def test_check_mode_asks_nothing(lab: Lab, shop: Shop) -> None:
    found = run(lab, "smoke_test", shop, name="nothing", tests=[HEALTH], check_mode=True)
    assert found["msg"] == f"would ask each pod of {shop.namespace}/nothing for /health/all"


def test_the_canary_gets_its_pods(lab: Lab, shop: Shop) -> None:
    shop.scale(main=3, canary=0)
    arms = {"stable": f"{NAME}-main", "canary": f"{NAME}-canary"}
    rehearsed = run(lab, "canary_capacity", shop, weight=10, ahead=50, check_mode=True, **arms)
    assert (rehearsed["changed"], shop.shares("replicas")) == (True, {"stable": 3, "canary": 0})
    found = run(lab, "canary_capacity", shop, weight=10, ahead=50, **arms)
    assert (found["needed"], found["before"], found["after"], found["changed"]) == (1, 0, 2, True)
    assert shop.shares("replicas") == {"stable": 3, "canary": 2}
    again = run(lab, "canary_capacity", shop, weight=50, **arms)
    assert (again["changed"], again["replicas"]["available"]) == (False, 2)
    shop.scale(main=1, canary=1)


def test_status_and_preflight_read_the_same_cluster(lab: Lab, shop: Shop) -> None:
    shop.put("virtualservice", 75, 25)
    shop.scale(main=2, canary=1)
    options = {"stable": f"{NAME}-main", "canary": f"{NAME}-canary", "route": shop.route("virtualservice")}
    now = run(lab, "rollout_info", shop, **options)
    assert (now["open"], now["split"]) == (True, {"stable": 75, "canary": 25})
    assert now["row"]["canary"] == "25 %, 1 pod"
    image = f"{lab.registry}/continual-transformer:good-2"
    refused = run(lab, "preflight", shop, image=image, **options)
    assert refused["failed"]
    assert [problem["field"] for problem in refused["problems"]] == ["canary"]
    shop.put("virtualservice", 100, 0)
    shop.scale(canary=0)
    found = run(lab, "preflight", shop, image=image, **options)
    assert found["image"] == lab.images["good-2"]
    assert found["permissions"]["denied"] == []
    assert found["stages"][0] == {"weight": 10, "replicas": 1}
