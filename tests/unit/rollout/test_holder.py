# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds the lock, and whether that process has ended."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.holder import Holder, is_gone, process_mark

# A worker that kills the process that forked it, waits until it has another parent, and then asks.
ORPHAN = """
import multiprocessing, os, signal, time
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.holder import forked_by

def work():
    run = os.getppid()
    os.kill(run, signal.SIGKILL)
    while os.getppid() == run:
        time.sleep(0.01)
    print(run, forked_by(), os.getppid(), flush=True)

multiprocessing.get_context("fork").Process(target=work).start()
time.sleep(60)
"""


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "sys/kernel/random").mkdir(parents=True)
    (tmp_path / "sys/kernel/random/boot_id").write_text("0000-boot\n")
    (tmp_path / "self/ns").mkdir(parents=True)
    (tmp_path / "self/ns/pid").symlink_to("pid:[4026531836]")
    run(tmp_path, 42, started=1000)
    return tmp_path


def run(proc: Path, pid: int, started: int, state: str = "S") -> None:
    (proc / str(pid)).mkdir(exist_ok=True)
    fields = [state, *("0" for _field in range(18)), str(started), "0"]
    (proc / str(pid) / "stat").write_text(f"{pid} (odd ) name) {' '.join(fields)}")


def test_a_process_that_runs_is_not_gone(proc: Path) -> None:
    assert process_mark(42, proc) == "0000-boot/pid:[4026531836]/42/1000"
    assert not is_gone(process_mark(42, proc), proc)


def test_this_very_process_is_told_by_the_real_system() -> None:
    assert process_mark(os.getpid())
    assert not is_gone(process_mark(os.getpid()))


def test_one_that_has_ended_is_gone(proc: Path) -> None:
    mark = process_mark(42, proc)
    (proc / "42/stat").unlink()
    assert is_gone(mark, proc)


def test_one_whose_number_is_somebody_elses_now_is_gone(proc: Path) -> None:
    mark = process_mark(42, proc)
    run(proc, 42, started=2000)
    assert is_gone(mark, proc)


def test_a_zombie_is_gone(proc: Path) -> None:
    mark = process_mark(42, proc)
    run(proc, 42, started=1000, state="Z")
    assert is_gone(mark, proc)


@pytest.mark.parametrize("mark", ["", "nonsense", "other-boot/pid:[4026531836]/7/1", "0000-boot/pid:[1]/7/1"])
def test_of_another_machine_nothing_is_known(proc: Path, mark: str) -> None:
    assert not is_gone(mark, proc)


def test_without_a_proc_nothing_is_known(tmp_path: Path) -> None:
    assert process_mark(1, tmp_path) == ""
    assert not is_gone("0000-boot/pid:[4026531836]/42/1000", tmp_path)


def test_it_is_described_for_people() -> None:
    run = {"holder": "ann@ops run 42.1000 shop", "doing": "Release by canary for shop", "process": "x"}
    assert Holder.parse(run).describe() == "ann@ops (Release by canary for shop)"
    assert Holder.parse({"holder": "ann@ops"}).describe() == "ann@ops"


def test_a_worker_knows_its_run_also_when_that_has_died() -> None:
    said = subprocess.run((sys.executable, "-c", ORPHAN), stdout=subprocess.PIPE, text=True, timeout=30, check=False)
    run, forked, parent = map(int, said.stdout.split())
    assert forked == run
    assert parent != run
