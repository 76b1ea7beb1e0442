# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in canary_weight's documentation, run as they are printed there, but in the tests' namespace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.slipway.rollout.plugins.modules import canary_weight

from lab.load import Load, start
from tests.integration.conftest import Lab
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
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/slipway.rollout.slipway": {"kubeconfig": str(lab.kubeconfig)}},
        "tasks": tasks,
    }
    sender = start(Load(shop.entrance("virtualservice"), rate=100, duration="60s"), lab.load_program(), "/dev/null")
    try:
        results = _run([play], tmp_path)
    finally:
        sender.terminate()
        sender.wait()
    assert [(result["after"], result["changed"]) for result in results] == EXPECTED
    assert results[0]["observation"]["by"] == "counters"
    assert "the pods (stable 3, canary 1) give stable 75 %" in results[3]["note"]


def _run(plays: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    book = folder / "examples.yml"
    book.write_text(json.dumps(plays))
    program = Path(sys.executable).with_name("ansible-playbook")
    environment = {
        "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    done = subprocess.run(
        [str(program), "-i", "localhost,", "-c", "local", str(book)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout[done.stdout.index("{") :])
    return [task["hosts"]["localhost"] for task in report["plays"][0]["tasks"]]
