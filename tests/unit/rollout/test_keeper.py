# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that outlives its run: real processes, which end within moments."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.rollout import keeper
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.holder import process_mark


@pytest.fixture
def run() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def within(seconds: float, fact: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not fact() and time.monotonic() < until:
        time.sleep(0.02)
    return fact()


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_it_acts_when_the_run_has_ended_and_not_before(run: subprocess.Popen[bytes], tmp_path: Path) -> None:
    pid = keeper.keep(process_mark(run.pid), lambda: "users are back", tmp_path / "told")
    time.sleep(3 * keeper.LOOK)
    assert not (tmp_path / "told").exists()
    run.kill()
    assert within(10, lambda: gone(pid))
    assert (tmp_path / "told").read_text() == "users are back"


def test_it_acts_when_it_is_told_to(run: subprocess.Popen[bytes], tmp_path: Path) -> None:
    pid = keeper.keep(process_mark(run.pid), lambda: "users are back", tmp_path / "told")
    time.sleep(keeper.LOOK)
    os.kill(pid, signal.SIGUSR1)
    assert within(10, lambda: gone(pid))
    assert run.poll() is None
    assert (tmp_path / "told").read_text() == "users are back"


def test_it_tries_again_when_that_fails(
    run: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "PAUSE", 0.01)
    tries = tmp_path / "tries"
    tries.touch()

    def act() -> str:
        tries.write_text(tries.read_text() + "x")
        if len(tries.read_text()) < 3:
            raise OSError("no route to host")
        return "users are back"

    pid = keeper.keep(process_mark(run.pid), act, tmp_path / "told")
    run.kill()
    assert within(10, lambda: gone(pid))
    assert (tries.read_text(), (tmp_path / "told").read_text()) == ("xxx", "users are back")


def test_what_could_not_be_done_is_told(
    run: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "PAUSE", 0.01)
    monkeypatch.setattr(keeper, "TRIES", 2)

    def act() -> str:
        raise OSError("no route to host")

    pid = keeper.keep(process_mark(run.pid), act, tmp_path / "told")
    run.kill()
    assert within(10, lambda: gone(pid))
    assert (tmp_path / "told").read_text() == "NOT CERTAIN: no route to host"
