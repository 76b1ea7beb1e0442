# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in metric_gate's documentation, run as they are printed there, but shorter and in another namespace."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.slipway.rollout.plugins.modules import metric_gate

from tests.integration.conftest import Lab
from tests.integration.gates import PODS, Scene
from tests.integration.module import run_tasks
from tests.integration.shop import Shop

MODULE = "slipway.rollout.metric_gate"


@pytest.mark.slow
def test_every_example_passes_a_healthy_release(lab: Lab, shop: Shop, tmp_path: Path) -> None:
    scene = Scene(lab, shop, PODS)
    scene.release("good-2")
    shop.put("virtualservice", 80, 20)
    tasks = yaml.safe_load(metric_gate.EXAMPLES.replace("production", shop.namespace))
    for task in tasks:
        task[MODULE] |= {"count": 8} if "count" in task[MODULE] else {"duration": 6}
    with scene.users(tmp_path / "users"):
        results = run_tasks(tasks, lab.kubeconfig, tmp_path)
    shop.put("virtualservice", 100, 0)
    assert [result["verdict"] for result in results] == ["pass"] * len(tasks)
    assert results[0]["after"] == {"stable": 90, "canary": 10}
    assert [check["name"] for check in results[2]["checks"]] == ["failed transforms", "memory"]
