# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chart in the lab: it runs with its own servers, and an upgrade leaves to rollouts what is theirs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml

from lab import kube, lifecycle, programs
from tests.integration.chart_runs import NAME, Chart, Values
from tests.integration.conftest import Lab
from tests.integration.playbook import ROOT
from tests.integration.shop import within

pytestmark = pytest.mark.slow  # builds Helm and three servers

NAMESPACE = "helm-chart"
CHART = ROOT / "charts" / NAME
VALUES = ROOT / "tests/charts/values"


@pytest.fixture(scope="module")
def chart(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chart]:
    """Installed once, as declared."""
    chart = Chart(lab.api, lab.config, lab.images, tmp_path_factory.mktemp("chart"), NAMESPACE)
    chart.close()
    within(90, lambda: kube.find(lab.api, f"/api/v1/namespaces/{NAMESPACE}") is None)
    chart.open()
    installed = chart.provision(chart.values(), test=True, timeout=120)
    assert installed.code == 0, installed.said
    assert "was installed" in installed.line("Why"), installed.said
    yield chart
    chart.close()


@pytest.fixture
def values(chart: Chart) -> Values:
    return chart.values()


@pytest.fixture(scope="module")
def tools(lab: Lab) -> dict[str, Path]:
    """Helm and helm-unittest, built when they are not there yet."""
    return programs.ensure(lab.config, [programs.HELM], lifecycle.pinned())


def run(*command: str | Path) -> str:
    done = subprocess.run(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_chart_is_well_made(tools: dict[str, Path]) -> None:
    run(tools["helm"], "lint", "--strict", CHART)


def test_templates_keep_what_is_live_and_refuse_what_cannot_work(tools: dict[str, Path]) -> None:
    run(tools["helm-unittest"], "--strict", "--file", "../../tests/charts/*_test.yaml", CHART)


@pytest.mark.parametrize("file", sorted(VALUES.glob("*.yaml")), ids=lambda file: file.stem)
def test_values_of_every_kind_make_what_the_api_server_takes(lab: Lab, tools: dict[str, Path], file: Path) -> None:
    objects = [obj for obj in yaml.safe_load_all(run(tools["helm"], "template", NAME, CHART, "-f", file)) if obj]
    names = [(obj["kind"], obj["metadata"]["name"]) for obj in objects]
    assert ("Deployment", f"{NAME}-main") in names
    assert len(names) == len(set(names))
    for obj in objects:
        where = kube.collection(obj["apiVersion"], obj["kind"], obj["metadata"]["namespace"])
        lab.api.call("POST", f"{where}?dryRun=All&fieldValidation=Strict", obj)


def ask(chart: Chart, path: str) -> tuple[int, Any]:
    """As users do, through the gateway."""
    request = Request(f"http://127.0.0.1:8088{path}", headers={"Host": chart.host})
    try:
        with urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"{}")


def components(chart: Chart) -> dict[str, bool]:
    return {one["name"]: one["ok"] for one in ask(chart, "/health/all")[1].get("components", [])}


def test_service_uses_database_and_cache_of_the_chart(chart: Chart) -> None:
    assert components(chart) == {"process": True, "model": True, "traffic": True, "database": True, "cache": True}
    chart.patch("apps/v1", "StatefulSet", "redis", {"spec": {"replicas": 0}})
    within(60, lambda: components(chart).get("cache") is False)
    assert ask(chart, "/health/ready")[0] == 200
    chart.patch("apps/v1", "StatefulSet", "redis", {"spec": {"replicas": 1}})
    within(60, lambda: components(chart).get("cache") is True)


def test_prometheus_of_the_chart_sees_users(chart: Chart) -> None:
    assert ask(chart, "/v1/transform?text=hello")[0] in (200, 400, 405)
    proxy = f"/api/v1/namespaces/{NAMESPACE}/services/prometheus:http/proxy/api/v1/query?query=http_requests_total"
    within(30, lambda: chart.api.call("GET", proxy)["data"]["result"])
    labels = chart.api.call("GET", proxy)["data"]["result"][0]["metric"]
    assert (labels["namespace"], labels["app"], labels["version"]) == (NAMESPACE, NAME, "main")


def test_second_time_nothing_is_changed(chart: Chart, values: Values) -> None:
    again = chart.provision(values)
    assert (again.code, again.changed) == (0, 0), again.said
    rehearsed = chart.provision(values, "--check", "--diff")
    assert (rehearsed.code, rehearsed.changed) == (0, 0), rehearsed.said


def test_upgrade_in_the_middle_of_a_canary_moves_nothing(chart: Chart, values: Values, lab: Lab) -> None:
    assert chart.provision(values).code == 0
    password = chart.secret("postgresql", "postgres-password")
    cache = chart.secret("redis", "REDISCLI_AUTH")
    canary = chart.get("apps/v1", "Deployment", f"{NAME}-canary")["spec"]["template"]
    canary["spec"]["containers"][0]["image"] = lab.images["good-2"]
    chart.patch("apps/v1", "Deployment", f"{NAME}-canary", {"spec": {"replicas": 1, "template": canary}})
    chart.patch("apps/v1", "Deployment", f"{NAME}-main", {"spec": {"replicas": 3}})
    http = chart.get("networking.istio.io/v1", "VirtualService")["spec"]["http"]
    for entry, weight in zip(http[0]["route"], (75, 25), strict=True):
        entry["weight"] = weight
    others = {"name": "somebody's", "match": [{"headers": {"x-who": {"exact": "ann"}}}], "route": [http[0]["route"][0]]}
    others["route"] = [{"destination": {"host": f"{NAME}-canary"}}]
    chart.patch("networking.istio.io/v1", "VirtualService", NAME, {"spec": {"http": [others, *http]}})
    chart.patch("v1", "Service", NAME, {"spec": {"selector": {"slot": "green"}}})
    before = chart.owned()
    assert (before["split"], before["replicas"]) == ([75, 25], {"main": 3, "canary": 1, "green": 0})

    values["config"] = {"logLevel": "DEBUG"}
    values["route"]["timeout"] = "10s"
    values["image"] = {"repository": "localhost:5000/continual-transformer", "tag": "failing"}
    upgraded = chart.provision(values, timeout=120)
    assert upgraded.code == 0, upgraded.said
    assert "was upgraded" in upgraded.line("Why"), upgraded.said
    assert chart.owned() == before
    rules = chart.get("networking.istio.io/v1", "VirtualService")["spec"]["http"]
    assert [(rule["name"], rule.get("timeout")) for rule in rules] == [("somebody's", None), ("primary", "10s")]
    assert chart.get("v1", "ConfigMap", f"{NAME}-env")["data"]["LOG_LEVEL"] == "DEBUG"
    assert chart.secret("postgresql", "postgres-password") == password
    assert chart.secret("redis", "REDISCLI_AUTH") == cache
    assert components(chart)["database"]
    again = chart.provision(values)
    assert (again.code, again.changed) == (0, 0), again.said
    chart.patch("v1", "Service", NAME, {"spec": {"selector": {"slot": "blue"}}})


def test_what_is_missing_is_put_back(chart: Chart, values: Values) -> None:
    assert chart.provision(values).code == 0
    path = f"/apis/policy/v1/namespaces/{NAMESPACE}/poddisruptionbudgets/{NAME}"
    kube.delete(chart.api, path)
    told = chart.provision(values, "--check", "--diff")
    assert "PodDisruptionBudget" in told.said, told.said
    assert kube.find(chart.api, path) is None
    repaired = chart.provision(values)
    assert (repaired.code, repaired.changed) == (0, 1), repaired.said
    assert kube.find(chart.api, path)
    assert chart.provision(values).changed == 0


def test_bad_values_are_refused_before_anything_is_written(chart: Chart, values: Values) -> None:
    values["postgresql"]["auth"] = {"postgresPassword": "changeme"}
    refused = chart.provision(values)
    assert refused.code != 0
    assert "postgresPassword" in refused.line("Why"), refused.said
    values["postgresql"].pop("auth")
    values["replicas"] = 3
    unknown = chart.provision(values)
    assert "replicas" in unknown.line("Why"), unknown.said
