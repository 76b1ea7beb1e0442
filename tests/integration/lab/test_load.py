# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users at 200 requests a second lose nothing, neither in quiet times nor while every pod is replaced."""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest

from lab import app, kube, lifecycle, load
from lab.config import Config

CONFIG = Config.here()
MAIN = f"{kube.collection('apps/v1', 'Deployment', app.NAMESPACE)}/continual-transformer-main"


@pytest.fixture(scope="module")
def api() -> kube.Api:
    api = kube.RestApi(CONFIG.kubeconfig)
    app.reset(api, json.loads(CONFIG.images.read_text()))
    return api


def restart_main(api: kube.Api) -> None:
    """What `kubectl rollout restart` does; returns when the last old pod has gone."""
    stamp = {"kubectl.kubernetes.io/restartedAt": datetime.now(timezone.utc).isoformat()}
    body = {"spec": {"template": {"metadata": {"annotations": stamp}}}}
    old = {pod["metadata"]["name"] for pod in pods(api)}
    api.call("PATCH", MAIN, body, "application/merge-patch+json")
    deadline = time.monotonic() + 90
    while old & {pod["metadata"]["name"] for pod in pods(api)}:
        assert time.monotonic() < deadline, "old pods are still there"
        time.sleep(0.5)


def service(api: kube.Api) -> load.Entrance:
    """Past the gateway, where no proxy tries again for the user."""
    live = api.call("GET", f"{kube.collection('v1', 'Service', app.NAMESPACE)}/continual-transformer")
    return load.Entrance(f"http://{live['spec']['clusterIP']}", "")


def pods(api: kube.Api) -> list[kube.Obj]:
    found: list[kube.Obj] = api.call("GET", f"{app.PODS}?labelSelector=version%3Dmain")["items"]
    return found


@pytest.mark.parametrize("route", load.ENTRANCES)
def test_quiet_times_lose_nothing(api: kube.Api, route: str, tmp_path: Path) -> None:
    out = tmp_path / "results.jsonl"
    assert load.run(load.Load(load.ENTRANCES[route], duration="10s"), lifecycle.build(CONFIG)["load"], str(out)) == 0
    summary = load.summarise(load.read(out))
    assert (summary.requests, summary.failed) == (2000, 0), load.describe(summary)
    assert summary.by_release == {"good": 2000}


@pytest.mark.slow
@pytest.mark.parametrize("keepalive", [True, False])
@pytest.mark.parametrize("way", ["virtualservice", "httproute", "service"])
def test_restart_loses_nothing(api: kube.Api, way: str, keepalive: bool, tmp_path: Path) -> None:
    out = tmp_path / "results.jsonl"
    entrance = load.ENTRANCES.get(way) or service(api)
    plan = load.Load(entrance, duration="2m", keepalive=keepalive)
    sender = load.start(plan, lifecycle.build(CONFIG)["load"], str(out))
    try:
        restart_main(api)
    finally:
        sender.terminate()
        assert sender.wait(15) == 0
    summary = load.summarise(load.read(out))
    assert summary.requests > 2000
    assert summary.failed == 0, load.describe(summary)
