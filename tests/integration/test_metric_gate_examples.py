# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in metric_gate's documentation, run as they are printed there, but shorter and in another namespace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.slipway.rollout.plugins.modules import metric_gate

from tests.integration.conftest import Lab
from tests.integration.gates import PODS, Scene
from tests.integration.shop import Shop

MODULE = "slipway.rollout.metric_gate"


def test_every_example_passes_a_healthy_release(lab: Lab, shop: Shop, tmp_path: Path) -> None:
    scene = Scene(lab, shop, PODS)
    scene.release("good-2")
    shop.put("virtualservice", 80, 20)
    tasks = yaml.safe_load(metric_gate.EXAMPLES.replace("production", shop.namespace))
    for task in tasks:
        task[MODULE] |= {"count": 8} if "count" in task[MODULE] else {"duration": 6}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/slipway.rollout.slipway": {"kubeconfig": str(lab.kubeconfig)}},
        "tasks": tasks,
    }
    with scene.users(tmp_path / "users"):
        results = _run([play], tmp_path)
    shop.put("virtualservice", 100, 0)
    assert [result["verdict"] for result in results] == ["pass"] * len(tasks)
    assert results[0]["after"] == {"stable": 90, "canary": 10}
    assert [check["name"] for check in results[2]["checks"]] == ["failed transforms", "memory"]


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
