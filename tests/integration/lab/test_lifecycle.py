# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever dies, the next `up` repairs it; `down` leaves nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab import kube, lifecycle, processes, programs, remains, unit, units
from lab.config import Config

CONFIG = Config.here()
ROOT = Path(__file__).resolve().parents[3]
BUILT = programs.paths(CONFIG, programs.declared(lifecycle.pinned()), lifecycle.pinned())
NAMES = [one.name for one in units.declared(CONFIG, BUILT)]


def lab(*arguments: str) -> str:
    command = (sys.executable, "-m", "lab", *arguments)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pids() -> dict[str, int]:
    running = {name: processes.running(unit.pid_file(CONFIG, name)) for name in NAMES}
    return {name: process.pid for name, process in running.items() if process}


def test_a_second_up_changes_nothing() -> None:
    lab("up")
    before = pids()
    assert "nothing changed" in lab("up")
    assert pids() == before
    assert list(before) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_up_repairs_a_component_that_was_killed(name: str) -> None:
    before = pids()
    os.kill(before[name], signal.SIGKILL)
    while processes.running(unit.pid_file(CONFIG, name)):
        time.sleep(0.05)  # the kernel takes a moment to end a large process
    assert f"{name} started" in lab("up")
    after = pids()
    assert after[name] != before[name]
    assert {other: pid for other, pid in after.items() if other != name} == {
        other: pid for other, pid in before.items() if other != name
    }


@pytest.mark.parametrize("moment", [0.3, 2.0, 5.0])
def test_up_that_was_killed_itself_is_finished_by_the_next(moment: float) -> None:
    lab("down")
    up = subprocess.Popen((sys.executable, "-m", "lab", "up"), cwd=ROOT, stdout=subprocess.DEVNULL)
    time.sleep(moment)  # the moment is what is tested
    up.kill()
    up.wait()
    lab("up")
    assert list(pids()) == NAMES
    assert "All ready" in lab("status")


def test_up_after_everything_died_at_once_as_in_a_power_cut() -> None:
    for pid in (*pids().values(), *(pid for pid, command in remains.pod_processes())):
        os.kill(pid, signal.SIGKILL)
    lab("up")
    api = kube.RestApi(CONFIG.kubeconfig)
    pods = api.call("GET", "/api/v1/namespaces/production/pods")["items"]
    assert len([pod for pod in pods if pod["status"]["phase"] == "Running"]) >= 3


def test_down_leaves_nothing_on_the_machine_and_up_comes_back() -> None:
    assert "nothing of it is left" in lab("down")
    assert remains.found(CONFIG) == []
    assert not processes.running(unit.pid_file(CONFIG, "etcd"))
    lab("up")
