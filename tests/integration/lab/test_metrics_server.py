# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics API: there when it is asked for, without a trace when it is not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import facts, kube, processes, unit
from lab.app import Waiting
from lab.cluster import METRICS_API
from lab.config import Config

CONFIG = Config.here()
ROOT = Path(__file__).resolve().parents[3]
HPA = "/apis/autoscaling/v2/namespaces/production/horizontalpodautoscalers/continual-transformer-hpa"


def up(*arguments: str) -> str:
    command = (sys.executable, "-m", "lab", "up", *arguments)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def api() -> Iterator[kube.RestApi]:
    up("--with", "metrics-server")
    api = kube.RestApi(CONFIG.kubeconfig)
    yield api
    processes.stop(unit.pid_file(CONFIG, "metrics-server"))
    assert "ready after" in up()
    assert kube.find(api, METRICS_API) is None


def not_scaling(api: kube.RestApi) -> str:
    status = api.call("GET", HPA)["status"]
    active = {condition["type"]: condition["status"] for condition in status.get("conditions", [])}
    known = {metric["resource"]["name"] for metric in status.get("currentMetrics") or [] if metric.get("resource")}
    if active.get("ScalingActive") == "True" and known == {"cpu", "memory"}:
        return ""
    return f"the HPA knows {known or 'nothing'} of its pods ({active})"


@pytest.mark.slow
def test_an_autoscaler_sees_what_its_pods_use(api: kube.RestApi) -> None:
    assert facts.metrics_not_served(api) == ""
    Waiting(90).until(lambda: not_scaling(api))
    assert "nothing changed" in up()  # asked for once, it stays
