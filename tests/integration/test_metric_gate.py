# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""metric_gate on real pods, a real route and a real Prometheus: who passes, who is taken back, and how fast."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Lab
from tests.integration.gates import BACK, PODS, SHARE, Scene, failed_requests, start
from tests.integration.module import run_module
from tests.integration.shop import Shop, within

SOURCES = ("pods", "prometheus")
# From the first failed request to the last, in seconds.
FELT = {"pods": 1.5, "prometheus": 3.0}


def source(lab: Lab, name: str) -> dict[str, Any]:
    return PODS if name == "pods" else {"type": "prometheus", "url": lab.prometheus_url}


@pytest.fixture
def scene(lab: Lab, shop: Shop) -> Iterator[Scene]:
    shop.put("virtualservice", 100, 0)
    shop.put("httproute", 100, 0)
    yield Scene(lab, shop, PODS)
    shop.put("virtualservice", 100, 0)


def of(scene: Scene, name: str) -> Scene:
    return Scene(scene.lab, scene.shop, source(scene.lab, name))


@pytest.mark.parametrize("name", SOURCES)
def test_a_healthy_release_passes_and_keeps_its_share(scene: Scene, name: str, tmp_path: Path) -> None:
    scene = of(scene, name)
    scene.release("good-2")
    slow = {"name": "slow", "template": "latency", "bound": 0.2, "max": 0.05}
    with scene.users(tmp_path / "users"):
        result = run_module("metric_gate", scene.options(checks=[*scene.checks, slow]))
    assert result["verdict"] == "pass", result["msg"]
    errors, slowness = result["checks"]
    assert errors["bad"] == 0
    assert errors["total"] >= 40
    assert "le=0.25" in slowness["note"]
    assert (result["before"], result["after"], result["changed"]) == (BACK, SHARE, True)
    assert result["rollback"] is None
    assert scene.shop.shares("virtualservice") == SHARE
    assert failed_requests(tmp_path / "users") == []


@pytest.mark.parametrize("kind", ["virtualservice", "httproute"])
@pytest.mark.parametrize("name", SOURCES)
def test_a_failing_release_is_taken_back(scene: Scene, name: str, kind: str, tmp_path: Path) -> None:
    scene = of(scene, name)
    scene.release("failing")
    with scene.users(tmp_path / "users", kind):
        time.sleep(1)
        result = run_module("metric_gate", scene.options(kind, duration=20))
        time.sleep(2)
    failed = failed_requests(tmp_path / "users")
    felt = failed[-1].t - failed[0].t
    print(f"{name}, {kind}: {len(failed)} failed requests in {felt:.2f} s; {result['msg']}")
    assert result["verdict"] == "fail"
    assert result["failed"]
    assert result["rollback"]["done"]
    assert result["rollback"]["observation"]["followed"]
    assert scene.shop.shares(kind) == BACK
    assert result["checks"][0]["bad"] >= 3
    assert abs(result["first_breach_at"] - failed[0].t) < 1.5
    assert felt <= FELT[name]


def test_a_slow_release_is_taken_back(scene: Scene, tmp_path: Path) -> None:
    scene.release("slow")
    slow = {"name": "slow", "template": "latency", "bound": 0.25, "max": 0.05}
    with scene.users(tmp_path / "users"):
        result = run_module("metric_gate", scene.options(checks=[*scene.checks, slow], duration=20))
    assert result["verdict"] == "fail"
    assert "took longer than 0.25 s, the limit is 5 %" in result["reason"]
    assert scene.shop.shares("virtualservice") == BACK


@pytest.mark.slow
def test_a_metrics_server_that_is_off_is_no_pass(scene: Scene, tmp_path: Path) -> None:
    scene.release("good-2")
    scene.shop.put("virtualservice", 80, 20)
    off = {"type": "prometheus", "url": "http://127.0.0.1:9", "timeout": 1}
    result = run_module("metric_gate", scene.options(source=off, split=None, consecutive_errors=3))
    assert (result["verdict"], result["failed"], result["error"]) == ("inconclusive", True, "unreachable")
    assert "Prometheus at http://127.0.0.1:9 cannot be reached" in result["msg"]
    assert scene.shop.shares("virtualservice") == BACK


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
def test_no_requests_is_not_no_failures(scene: Scene, name: str) -> None:
    scene = of(scene, name)
    scene.release("good-2")
    result = run_module("metric_gate", scene.options(duration=3))
    assert result["verdict"] == "inconclusive"
    assert result["failed"]
    assert "no data: no series matches" in result["reason"] or "no requests were seen" in result["reason"]
    assert scene.shop.shares("virtualservice") == BACK


def own(scene: Scene, bad: str, every: str) -> dict[str, Any]:
    where = f'namespace="{scene.shop.namespace}"'
    bad = f'http_requests_total{{{where},{bad},status=~"5.."}}'
    check = {"name": "own", "bad": bad, "all": f"http_requests_total{{{where},{every}}}", "max": 0.01}
    return scene.options(checks=[check], duration=3)


@pytest.mark.slow
def test_a_typo_in_a_value_is_named(scene: Scene, tmp_path: Path) -> None:
    scene = of(scene, "prometheus")
    scene.release("good-2")
    with scene.users(tmp_path / "users"):
        result = run_module("metric_gate", own(scene, 'version="cannary"', 'version="cannary"'))
    assert result["verdict"] == "inconclusive"
    assert 'has version="cannary"; they have version ' in result["reason"]
    assert scene.shop.shares("virtualservice") == BACK


@pytest.mark.parametrize("every", ['version="canary"', 'verison="canary"'])
def test_a_typo_in_a_label_is_refused(scene: Scene, every: str, tmp_path: Path) -> None:
    """Else the bad events would never be counted, and everything would pass."""
    scene = of(scene, "prometheus")
    with scene.users(tmp_path / "users"):
        time.sleep(3)
        result = run_module("metric_gate", own(scene, 'verison="canary"', every))
    assert (result["failed"], result["error"]) == (True, "bad_option")
    assert "has a label 'verison'. Did you mean 'version'?" in result["msg"]
    assert scene.shop.shares("virtualservice") == BACK


def test_check_mode_asks_and_changes_nothing(scene: Scene, tmp_path: Path) -> None:
    scene = of(scene, "prometheus")
    query = {"name": "pods", "query": f'count(up{{namespace="{scene.shop.namespace}"}} == 1)', "min": 1}
    result = run_module("metric_gate", scene.options(checks=[*scene.checks, query]), check_mode=True)
    assert (result["changed"], result["before"], result["after"]) == (True, BACK, SHARE)
    assert result["checks"][1]["value"] >= 1
    assert any("Puts virtualservice" in line for line in result["plan"])
    assert scene.shop.shares("virtualservice") == BACK


def test_pods_that_vanish_are_told_and_taken_from_users(scene: Scene, tmp_path: Path) -> None:
    scene.release("good-2")
    with scene.users(tmp_path / "users"):
        process = start(scene.options(duration=30))
        within(20, lambda: scene.shop.shares("virtualservice") == SHARE)
        time.sleep(1)
        scene.scale_canary(0)
        out, _err = process.communicate(timeout=60)
    result = json.loads(out)
    scene.scale_canary(1)
    assert result["verdict"] == "fail"
    assert "no pod of canary is running any more" in result["reason"]
    assert scene.shop.shares("virtualservice") == BACK


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_gate_that_is_told_to_stop_puts_the_route_back(scene: Scene, name: str) -> None:
    scene.release("good-2")
    process = start(scene.options(duration=60))
    within(20, lambda: scene.shop.shares("virtualservice") == SHARE)
    began = time.monotonic()
    process.send_signal(signal.Signals[name])
    out, err = process.communicate(timeout=20)
    assert out, err
    result = json.loads(out)
    assert (result["error"], result["verdict"]) == ("stopped", "inconclusive")
    assert result["rollback"]["done"]
    assert scene.shop.shares("virtualservice") == BACK
    assert time.monotonic() - began < 3


def test_a_mistake_in_a_query_is_refused_before_anything_is_changed(scene: Scene) -> None:
    scene = of(scene, "prometheus")
    mistakes = {"sum(up": "rejects the question", "up": "series where one is expected", "up[1m]": "matrix"}
    for query, said in mistakes.items():
        result = run_module("metric_gate", scene.options(checks=[{"name": "own", "query": query, "max": 1}]))
        assert (result["failed"], result["error"]) == (True, "bad_option")
        assert said in result["msg"]
    assert scene.shop.shares("virtualservice") == BACK


@pytest.mark.slow
def test_the_gateway_counts_too(scene: Scene, tmp_path: Path) -> None:
    """Envoy's own statistics, named as a stock Envoy names them that Istio drives."""
    scene = of(scene, "prometheus")
    scene.release("failing")
    checks = [
        {"name": "errors", "template": "error_rate", "metrics": "envoy", "max": 0.01},
        {"name": "slow", "template": "latency", "metrics": "envoy", "bound": 0.25, "max": 0.5},
    ]
    with scene.users(tmp_path / "users"):
        result = run_module("metric_gate", scene.options(checks=checks, duration=20))
    assert result["verdict"] == "fail", result["msg"]
    assert result["checks"][0]["bad"] >= 3
    assert "le=250" in result["checks"][1]["note"]
