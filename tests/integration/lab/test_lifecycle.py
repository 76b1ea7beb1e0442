# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever dies, the next `up` repairs it; `down` leaves nothing, and nobody else's things are touched."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lab import facts, kube, processes, programs, remains, unit, units
from lab.config import LOCK, Config
from lab.lifecycle import pinned
from lab.locks import locked
from tests.integration.lab.machine import machine

CONFIG = Config.here()
ROOT = Path(__file__).resolve().parents[3]
BUILT = programs.paths(CONFIG, programs.declared(pinned()))
NAMES = [one.name for one in units.declared(CONFIG, BUILT)]


def lab(*arguments: str, root: Path = ROOT, expected: int = 0) -> str:
    command = (sys.executable, "-m", "lab", *arguments)
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout + done.stderr


def pids() -> dict[str, int]:
    running = {name: processes.running(unit.pid_file(CONFIG, name)) for name in NAMES}
    return {name: process.pid for name, process in running.items() if process}


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    while processes.start_time(pid) is not None:
        time.sleep(0.05)  # the kernel takes a moment to end a large process


def pods_running() -> int:
    api = kube.RestApi(CONFIG.kubeconfig)
    assert facts.pods_silent(api) == ""
    pods = api.call("GET", "/api/v1/namespaces/production/pods")["items"]
    return len([pod for pod in pods if pod["status"]["phase"] == "Running"])


@pytest.fixture(scope="module", autouse=True)
def _left_up() -> Iterator[None]:
    """One run at a time on a machine; and whatever a test here leaves behind, the next file finds the lab up."""
    with locked(LOCK.with_name("slipway-lab-test.lock"), "another run of these tests is at work; waiting for it"):
        yield
        lab("up")


def test_a_second_up_changes_nothing() -> None:
    lab("up")
    before = pids()
    assert "nothing changed" in lab("up")
    assert pids() == before
    assert list(before) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_up_repairs_a_component_that_was_killed(name: str) -> None:
    before = pids()
    kill(before[name])
    assert f"{name} " in lab("status", expected=1)
    assert f"{name} started" in lab("up")
    after = pids()
    assert after[name] != before[name]
    assert {**after, name: 0} == {**before, name: 0}


def test_up_starts_a_component_anew_that_is_there_but_deaf() -> None:
    before = pids()
    file = unit.pid_file(CONFIG, "prometheus")
    process = processes.read(file)
    assert process
    os.kill(process.pid, signal.SIGSTOP)
    processes.write(file, replace(process, since=0.0))
    assert "prometheus restarted" in lab("up")
    assert pids()["prometheus"] != before["prometheus"]


def test_another_checkout_neither_takes_nor_harms_this_lab(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "lab", tmp_path / "lab", ignore=shutil.ignore_patterns("__pycache__"))
    before = pids()
    assert f"Another lab runs on this machine: {ROOT}" in lab("up", root=tmp_path, expected=1)
    assert f"The lab of {ROOT} stays" in lab("down", root=tmp_path)
    assert pids() == before
    assert "All ready" in lab("status")


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


def test_up_after_everything_died_at_once() -> None:
    for pid in (*pids().values(), *(pid for pid, _command in remains.pod_processes())):
        os.kill(pid, signal.SIGKILL)
    lab("up")
    assert pods_running() >= 3


def test_up_after_a_reboot() -> None:
    """All that lives in memory is gone: processes, mounts, namespaces, the address, /run; files are as they were."""
    with locked(LOCK, "waiting for another 'up' or 'down'"):
        for pid in (*pids().values(), *(pid for pid, _command in remains.pod_processes())):
            os.kill(pid, signal.SIGKILL)
        remains.clear(CONFIG)
        for name in NAMES:
            file = unit.pid_file(CONFIG, name)
            process = processes.read(file)
            assert process
            # The worst case: the next boot gave the same id, at the same tick, to somebody else.
            processes.write(file, replace(process, pid=1, started=processes.start_time(1) or 0, boot="before"))
    lab("up")
    assert pods_running() >= 3


def test_up_after_somebody_emptied_run() -> None:
    for file in (remains.OWNER, remains.SOCKET):
        file.unlink()
    lab("up")
    assert "All ready" in lab("status")
    assert pods_running() >= 3


def test_down_after_somebody_deleted_the_pid_files() -> None:
    shutil.rmtree(CONFIG.pids)
    assert "nothing of it is left" in lab("down")
    lab("up")


def test_up_after_a_power_cut_that_damaged_what_was_being_written() -> None:
    lab("down")
    for log in (CONFIG.state / "etcd" / "member" / "wal").glob("*.wal"):
        log.write_bytes(b"\0" * 4096)
    said = lab("up")
    assert "etcd's data is damaged, as after a power cut; beginning afresh" in said
    assert pods_running() >= 3


def test_up_when_a_certificate_is_missing() -> None:
    (CONFIG.pki / "kubelet.crt").unlink()
    assert "keys or certificates are missing or changed; beginning afresh" in lab("up")
    assert pods_running() >= 3


def test_down_leaves_the_machine_as_up_found_it() -> None:
    assert "nothing of it is left" in lab("down")
    before = machine()
    lab("up")
    assert machine() != before
    assert "nothing of it is left" in lab("down")
    assert machine() == before
    assert remains.found(CONFIG) == []
    assert "The lab is down. 'make lab' starts it." in lab("status", expected=1)
