# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long-lived processes that belong to a pid file, so that none is ever found, or ended, by its name."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """A process that we started. `started` (clock ticks since `boot`) tells it from a later one with the same id."""

    pid: int
    started: int
    boot: str
    fingerprint: str
    since: float  # unix seconds

    def alive(self) -> bool:
        return self.boot == boot() and start_time(self.pid) == self.started


def boot() -> str:
    """Which start of the machine this is: machines start alike, so ids and ticks come again after a reboot."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def start_time(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None when there is none, or only its remains (a zombie)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name in front may hold spaces and brackets
    return None if fields[0] in "ZX" else int(fields[19])


def read(file: Path) -> Process | None:
    """The process of a pid file, alive or not; None without a whole file."""
    try:
        return Process(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def running(file: Path) -> Process | None:
    process = read(file)
    return process if process and process.alive() else None


def start(
    command: Sequence[str], file: Path, log: Path, fingerprint: str, environment: Mapping[str, str] | None = None
) -> Process:
    """Start a command in a session of its own and write its pid file.

    If this very process is killed between the two steps, `adopt` finds the child by its environment.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            cwd="/",
            env={**os.environ, **(environment or {}), MARK: str(file)},
        )
    process = Process(child.pid, start_time(child.pid) or 0, boot(), fingerprint, time.time())
    write(file, process)
    return process


MARK = "SLIPWAY_LAB_PID_FILE"


def write(file: Path, process: Process) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = file.with_suffix(".new")
    whole.write_text(json.dumps(asdict(process)))
    whole.replace(file)


def adopt(file: Path) -> Process | None:
    """The process that was started for this pid file but never got it written, found by the mark in its environment."""
    wanted = f"{MARK}={file}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if wanted not in (entry / "environ").read_bytes().split(b"\0"):
                continue
            leader = int((entry / "stat").read_text().rpartition(")")[2].split()[3]) == int(entry.name)
        except OSError:
            continue
        started = start_time(int(entry.name))
        if leader and started is not None:
            process = Process(int(entry.name), started, boot(), "", time.time())
            write(file, process)
            return process
    return None


def stop(file: Path, patience: float = 10.0, sleep: Callable[[float], None] = time.sleep) -> bool:
    """End the process of a pid file, politely first. False when it was not running."""
    process = running(file) or adopt(file)
    if process:
        for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
            if not process.alive():
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)
            _wait(process, seconds, sleep)
    file.unlink(missing_ok=True)
    return process is not None


def _wait(process: Process, seconds: float, sleep: Callable[[float], None]) -> None:
    deadline = time.monotonic() + seconds
    while process.alive() and time.monotonic() < deadline:
        sleep(0.05)
        reap(process.pid)


def reap(pid: int) -> None:
    """Take the exit status if it is our own child, so that it does not stay as a zombie."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
