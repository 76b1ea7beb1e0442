# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind of source from its options, and a gate that runs on one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.assemble import open_gate
from ansible_collections.slipway.rollout.plugins.module_utils.gate.report import silent
from ansible_collections.slipway.rollout.plugins.module_utils.gate.source_options import SERVICES
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources import cloudwatch, google, kinds, sigv4
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.prometheus import PrometheusSource
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.service import ServiceSource
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Source, SourceError
from ansible_collections.slipway.rollout.plugins.module_utils.gate.stop import Stop
from ansible_collections.slipway.rollout.plugins.module_utils.gate.workers import Workers

from tests.unit.gate.builders import FakeClock, gate_params
from tests.unit.gate.sources.server import Metrics, document, serving, vector
from tests.unit.gate.sources.services import datadog

NEEDED: dict[str, Any] = {
    "url": "http://here:1",
    "token": "t",
    "application_key": "a",
    "account": 1,
    "database": "shop",
    "index": "logs",
    "command": ["/bin/ask", "--hush"],
    "region": "eu-central-1",
    "project": "shop",
}


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with serving(Metrics()) as running:
        yield running


def opened(**source: Any) -> Source:
    options = gate_params(source={"url": None, **source})["source"]
    return kinds.open_remote(options, dict, FakeClock(), Workers(2))


def place(kind: str) -> str:
    return {"cloudwatch": "CloudWatch in here", "command": "the command /bin/ask"}.get(
        kind, f"{SERVICES[kind]} at http://here:1"
    )


@pytest.mark.parametrize("kind", SERVICES)
def test_each_service(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = SimpleNamespace(meta=SimpleNamespace(region_name="here"))
    monkeypatch.setattr(kinds, "open_client", lambda region, profile, timeout: client)
    found = opened(type=kind, span=60.0, pod_label="pod_name", **NEEDED)
    assert isinstance(found, ServiceSource)
    assert found.describe() == place(kind)
    assert (found.window, found.pod_label, found.timeout) == (60.0, "pod_name", 10.0)
    assert found.running_total is (kind in ("command", "json"))


def test_cloudwatch_is_opened_by_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kinds.open_client is cloudwatch.open_client
    monkeypatch.setitem(sys.modules, "boto3.session", None)
    with pytest.raises(SourceError, match="pip install boto3"):
        opened(type="cloudwatch")


@pytest.mark.parametrize("kind", ["prometheus", "elasticsearch"])
def test_requests_are_signed_where_that_is_wanted(kind: str, metrics: Metrics, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sigv4, "open_signer", lambda *given: lambda method, url, body: {"Authorization": f"{given} {method} {body}"}
    )
    metrics.answers["up"] = vector("1")
    one = opened(type=kind, url=metrics.url, sign="aps", region="eu-central-1", profile="prod", index="logs")
    try:
        one.read([], ["up"])
    except SourceError:
        assert kind == "elasticsearch"  # to which that is no answer
    proof = metrics.asked[-1][3]["Authorization"]
    assert proof.startswith("('aps', 'eu-central-1', 'prod') ")


@pytest.mark.parametrize(("token", "proof"), [(None, "Bearer renewed"), ("mine", "Bearer mine")])
def test_google_answers_promql(
    token: str | None, proof: str, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(google, "open_signer", lambda: lambda *_request: {"Authorization": "Bearer renewed"})
    metrics.answers["up"] = vector("1")
    one = opened(type="google", url=metrics.url, project="shop", token=token)
    assert isinstance(one, PrometheusSource)
    assert one.read([], ["up"]).answers["up"].values[0][1] == 1.0
    _method, path, _query, headers = metrics.asked[-1]
    assert path == "/v1/projects/shop/location/global/prometheus/api/v1/query"
    assert headers["Authorization"] == proof
    assert one.describe().startswith("Google Cloud Monitoring at http://127.0.0.1")


@pytest.mark.parametrize(
    ("failing", "judge", "verdict"),
    [
        ({"main": 1, "canary": 1}, "sequential", "pass"),
        ({"main": 1, "canary": 30}, "sequential", "fail"),
        ({"main": 1, "canary": 1}, "kayenta", "pass"),
        ({"main": 1, "canary": 30}, "kayenta", "fail"),
    ],
)
def test_arms_are_compared_on_a_service(metrics: Metrics, failing: dict[str, int], judge: str, verdict: str) -> None:
    clock = FakeClock()
    shop = Shop(clock, 0)
    for arm, bad in failing.items():
        metrics.answers[f"errors:{arm}"] = lambda bad=bad: shop.answer(bad)
        metrics.answers[f"hits:{arm}"] = lambda: shop.answer(100)
    params = gate_params(
        subject={},
        source={"type": "datadog", "url": metrics.url, "token": "t", "application_key": "a"},
        checks=[{"bad": "errors:$arm", "all": "hits:$arm", "baseline": "main"}],
        judge=judge,
        interval=60.0,
        duration=6000.0,
    )
    result = open_gate(params, lambda: pytest.fail("no cluster is needed"), clock, silent, Stop()).run().as_dict()
    assert (result["verdict"], result["reason"]) == (verdict, result["reason"])
    assert sorted(result["checks"][0]["queries"]) == ["errors:canary", "errors:main", "hits:canary", "hits:main"]


class Shop:
    """Datadog as it sees a shop: each minute has 100 requests, of which so many fail."""

    def __init__(self, clock: FakeClock, failing: int) -> None:
        self.clock, self.failing, self.begin = clock, failing, clock.wall()

    def answer(self, count: int) -> Any:
        minutes = range(int(self.clock.wall() - self.begin) // 60)
        return document(
            datadog({"tag_set": [], "pointlist": [[(self.begin + 60 * minute) * 1000, count] for minute in minutes]})
        )


@pytest.mark.parametrize(("failing", "verdict"), [(0, "pass"), (50, "fail")])
def test_a_gate_on_a_service(metrics: Metrics, failing: int, verdict: str) -> None:
    clock = FakeClock()
    shop = Shop(clock, failing)
    metrics.answers["bad"] = lambda: shop.answer(shop.failing)
    metrics.answers["all"] = lambda: shop.answer(100)
    params = gate_params(
        subject={},
        source={"type": "datadog", "url": metrics.url, "token": "t", "application_key": "a"},
        checks=[{"bad": "bad", "all": "all", "max": 0.05}],
        interval=60.0,
        duration=300.0,
        judge="threshold",
    )
    result = open_gate(params, lambda: pytest.fail("no cluster is needed"), clock, silent, Stop()).run().as_dict()
    (check,) = result["checks"]
    assert result["verdict"] == verdict
    assert check["queries"] == ["all", "bad"]
    assert check["selectors"] == {"bad": ["bad"], "all": ["all"]}
    assert (check["bad"], check["total"]) == ((0, 500) if failing == 0 else (50, 100))
