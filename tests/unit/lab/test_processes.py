# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lab import processes

SLEEPER = ("sleep", "60")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "pid" / "sleeper.json"
    processes.stop(tmp_path / "pid" / "sleeper.json")


def started(file: Path) -> processes.Process:
    return processes.start(SLEEPER, file, file.parent / "log", "f")


def test_a_started_process_is_found_by_its_pid_file(file: Path) -> None:
    process = started(file)
    assert processes.running(file) == process
    assert os.getsid(process.pid) == process.pid


def test_another_process_with_the_same_id_is_not_ours(file: Path) -> None:
    process = started(file)
    processes.write(file, replace(process, started=process.started - 1))
    assert processes.running(file) is None
    processes.write(file, process)


def test_one_of_an_earlier_boot_is_not_ours(file: Path) -> None:
    process = started(file)
    processes.write(file, replace(process, boot="before"))
    assert processes.running(file) is None
    processes.write(file, process)


def test_stop_ends_it_and_forgets_it(file: Path) -> None:
    process = started(file)
    assert processes.stop(file)
    assert not process.alive()
    assert not file.exists()
    assert not processes.stop(file)


def test_one_that_ignores_polite_words_is_ended_all_the_same(file: Path) -> None:
    deaf = ("sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 1; done")
    process = processes.start(deaf, file, file.parent / "log", "f")
    while "deaf" not in (file.parent / "log").read_text():
        pass
    assert processes.stop(file, patience=0.1)
    assert not process.alive()


def test_a_dead_one_is_not_running(file: Path) -> None:
    process = started(file)
    os.kill(process.pid, signal.SIGKILL)
    os.waitpid(process.pid, 0)
    assert processes.running(file) is None


def test_one_whose_pid_file_was_never_written_is_adopted(file: Path) -> None:
    process = started(file)
    shutil.rmtree(file.parent)
    adopted = processes.adopt(file)
    assert adopted is not None
    assert (adopted.pid, adopted.started) == (process.pid, process.started)
    assert processes.running(file) == adopted


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}'])
def test_a_broken_pid_file_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content)
    assert processes.read(tmp_path / "x.json") is None
