# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person sees while a gate runs under ansible-playbook, and what becomes of traffic when they stop it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Lab
from tests.integration.gates import BACK, PODS, SHARE, Scene
from tests.integration.shop import Shop, within


@pytest.fixture
def scene(lab: Lab, shop: Shop) -> Iterator[Scene]:
    shop.put("virtualservice", 100, 0)
    scene = Scene(lab, shop, PODS)
    scene.release("good-2")
    yield scene
    shop.put("virtualservice", 100, 0)


def play(folder: Path, options: dict[str, Any], **task: Any) -> subprocess.Popen[str]:
    """ansible-playbook in a session of its own, as a terminal would start it."""
    playbook = folder / "gate.yml"
    tasks = [{"slipway.rollout.metric_gate": options, **task}]
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    program = Path(sys.executable).with_name("ansible-playbook")
    environment = os.environ | {
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
        "ANSIBLE_REMOTE_TMP": str(folder / "remote"),
        "PYTHONUNBUFFERED": "1",
    }
    return subprocess.Popen(
        [str(program), str(playbook)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        start_new_session=True,
    )


def test_a_line_per_second_comes_while_the_gate_runs(scene: Scene, tmp_path: Path) -> None:
    check = {"name": "memory", "gauge": "process_resident_memory_bytes{$canary}", "max": 1e9}
    process = play(tmp_path, scene.options(checks=[check], duration=4))
    assert process.stdout is not None
    seen = [(time.monotonic(), line.strip()) for line in process.stdout]
    assert process.wait(10) == 0
    looks = [at for at, line in seen if "] look " in line]
    assert 3 <= len(looks) <= 6
    assert looks[-1] - looks[0] > 2
    lines = [line for _at, line in seen]
    assert "[localhost] split is stable 80 %, canary 20 %, it was stable 100 %, canary 0 %" in lines
    assert any(line.startswith("[localhost] PASS: memory: the value is") for line in lines)
    assert list(tmp_path.rglob("progress*")) == []


def test_nothing_is_shown_when_nobody_wants_it(scene: Scene, tmp_path: Path) -> None:
    check = {"name": "memory", "gauge": "process_resident_memory_bytes{$canary}", "max": 1e9}
    process = play(tmp_path, scene.options(checks=[check], count=1, duration=None, progress=False))
    out, _err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "look 1" not in out


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_a_play_that_is_stopped_leaves_users_on_stable(scene: Scene, name: str, tmp_path: Path) -> None:
    """Ctrl-C reaches all processes of the terminal, the others only the one that is named."""
    process = play(tmp_path, scene.options(duration=60))
    within(30, lambda: scene.shop.shares("virtualservice") == SHARE)
    if name == "SIGINT":
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.Signals[name])
    within(30, lambda: scene.shop.shares("virtualservice") == BACK)
    process.communicate(timeout=20)
