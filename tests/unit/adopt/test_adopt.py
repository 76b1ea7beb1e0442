# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.slipway.rollout.plugins.module_utils.adopt import adopt as subject
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.adopt import adopt
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.scraped import Known
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.world import NETWORK_POLICY, AdoptError
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT, HPA, POD, SERVICE

from tests.unit.adopt.builders import NAMESPACE, both, deployment, http_route, pod, ref, service, simple, store
from tests.unit.store import Store
from tests.unit.traffic.fake_api import FakeClock


def run(found: Store, **options: Any) -> dict[str, Any]:
    return adopt(found.cluster(), {"namespace": NAMESPACE, "app": "shop", **options}, FakeClock())


def with_route() -> Store:
    return simple(("httproute", http_route({"backendRefs": [ref("shop")]})))


def test_an_inventory_of_what_was_found() -> None:
    result = run(with_route())
    assert yaml.safe_load(result["variables"]) == {
        "slipway_namespace": "shop",
        "slipway_app": "shop",
        "slipway_stable": "shop",
        "slipway_canary": "shop-canary",
        "slipway_container": "app",
        "slipway_route": {
            "kind": "httproute",
            "name": "shop",
            "backends": {"stable": {"service": "shop"}, "canary": {"service": "shop-canary"}},
        },
        "slipway_service": "shop",
        "slipway_smoke_tests": [{"path": "/ready"}],
        "slipway_source": {"type": "pods"},
        "slipway_observe_metrics": {"metric": "http_requests_total", "matchers": "{}"},
        "slipway_checks": [
            {"name": "errors", "template": "error_rate", "metrics": "app", "max": 0.01},
            {"name": "slow", "template": "latency", "metrics": "app", "bound": 0.5, "max": 0.05},
        ],
    }
    assert [one["what"] for one in result["objects"]] == ["canary_deployment", "services", "weighted_route"]
    assert result["questions"] == [
        "Is there a second Deployment to switch to? canary.yml and rolling.yml need none.",
        "Is there a Prometheus that has these? {type: prometheus, url: …} also answers PromQL.",
    ]
    assert result["msg"].startswith(
        "shop serves users by httproute shop; its canary is shop-canary. Missing: Deployment"
    )
    assert result["changed"] is False
    assert "makes what is missing" in result["variables"]


def test_what_was_not_found_is_a_commented_question() -> None:
    bare = deployment(annotations={}, containers=[{"name": "web", "image": "x"}, {"name": "side", "image": "y"}])
    found = store((DEPLOYMENT, bare), (SERVICE, service()))
    found.failures["/apis/gateway.networking.k8s.io/v1/gateways"] = [403]
    result = run(found)
    variables = yaml.safe_load(result["variables"])
    assert "slipway_route" not in variables
    assert variables["slipway_container"] == "web"
    for said in (
        "# ? Is this the container that gets the image? There are web, side.",
        "# ? How do users come to Service shop? No route names it.",
        "# slipway_route: {kind: httproute",
        "# ? Which path says that a pod is well?",
        "# ? Which metrics are there? No pod is ready that could be asked.",
        "# slipway_checks:",
    ):
        assert said in result["variables"], said
    assert result["questions"][-1].startswith("What is there of gateways.gateway.networking.k8s.io?")
    assert "a way that was not found" in result["msg"]


def test_what_a_rollout_meets_is_noted() -> None:
    found = with_route()
    found.put(HPA, NAMESPACE, {"metadata": {"name": "shop"}, "spec": {"scaleTargetRef": {"name": "shop"}}})
    found.put(NETWORK_POLICY, NAMESPACE, {"metadata": {"name": "shut"}, "spec": {"podSelector": {"matchLabels": {}}}})
    text = run(found)["variables"]
    assert "# its pods get app=shop-canary, which no Service of shop selects" in text
    assert "# HPA shop scales shop" in text
    assert "NetworkPolicies mean the canary's pods too: shut" in text


def test_a_slot_to_switch_to() -> None:
    pairs = [*both(), (DEPLOYMENT, deployment("shop-green", {"app": "shop", "version": "green"}))]
    variables = yaml.safe_load(run(store(*pairs), app="deployment/shop-main")["variables"])
    slots = {"blue": {"deployment": "shop-main"}, "green": {"deployment": "shop-green"}}
    assert variables["slipway_switch"] == {"name": "shop-main", "slots": slots}
    assert "# slipway_switch: {name: shop, slots: " in run(with_route())["variables"]


def test_the_container_of_users_gets_the_image() -> None:
    side = {"name": "proxy", "image": "x"}
    main = {"name": "app", "image": "y", "ports": [{"name": "http", "containerPort": 1}]}
    one = deployment(containers=[side, main])
    variables = run(store((DEPLOYMENT, one), (SERVICE, service()), (POD, pod(one))))["variables"]
    assert yaml.safe_load(variables)["slipway_container"] == "app"


@pytest.mark.parametrize("token", ["", "secret"])
def test_a_prometheus_that_knows_the_pods(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    asked: list[Any] = []

    def ask(_series: object, place: str, names: object, namespace: str, stable: object) -> Known:
        asked.append((place, names, namespace, stable))
        return Known(True, ("it has them",))

    monkeypatch.setattr(subject, "ask_prometheus", ask)
    prometheus = {"url": "http://p:9090", "token": token or None, "validate_certs": True}
    result = run(with_route(), prometheus=prometheus)
    assert asked == [
        (
            "Prometheus at http://p:9090",
            ("http_requests_total", "http_request_duration_seconds_count"),
            "shop",
            {"app": "shop"},
        )
    ]
    assert yaml.safe_load(result["variables"])["slipway_source"] == {"type": "prometheus", "url": "http://p:9090"}
    assert "secret" not in str(result)
    assert result["questions"][1:] == (["Where is the token kept? Take it from a vault."] if token else [])


def test_a_prometheus_that_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "ask_prometheus", lambda *arguments: Known(False, (), ("it has none",)))
    result = run(with_route(), prometheus={"url": "http://p:9090", "validate_certs": True})
    assert yaml.safe_load(result["variables"])["slipway_source"] == {"type": "pods"}
    assert "# ? it has none" in result["variables"]
    with pytest.raises(AdoptError, match="prometheus: source.url is 'p'"):
        run(with_route(), prometheus={"url": "p", "validate_certs": True})
