# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in canary_weight's documentation, run as they are printed there, but in the tests' namespace."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.slipway.rollout.plugins.modules import canary_weight

from lab.load import Load, start
from tests.integration.conftest import Lab
from tests.integration.module import run_tasks
from tests.integration.shop import Shop

# What the examples' comments promise: split after each, and whether it is a change.
EXPECTED = [
    ({"stable": 90, "canary": 10}, True),
    ({"stable": 100, "canary": 0}, True),
    ({"stable": 90, "canary": 10}, False),
    ({"stable": 75, "canary": 25}, True),
]


def test_every_example_runs(lab: Lab, shop: Shop, tmp_path: Path) -> None:
    shop.put("virtualservice", 100, 0)
    shop.put("httproute", 50, 50)
    shop.scale(main=2, canary=1)
    tasks = yaml.safe_load(canary_weight.EXAMPLES)
    for task in tasks:
        task["slipway.rollout.canary_weight"]["namespace"] = shop.namespace
    sender = start(Load(shop.entrance("virtualservice"), rate=100, duration="60s"), lab.load_program(), "/dev/null")
    try:
        results = run_tasks(tasks, lab.kubeconfig, tmp_path)
    finally:
        sender.terminate()
        sender.wait()
    assert [(result["after"], result["changed"]) for result in results] == EXPECTED
    assert results[0]["observation"]["by"] == "counters"
    assert "the pods (stable 3, canary 1) give stable 75 %" in results[3]["note"]
