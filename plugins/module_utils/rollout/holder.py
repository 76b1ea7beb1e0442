# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who rolls out: a playbook run, told apart from every other, and known to be dead where that can be known."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Holder:
    """`identity` is unique to the run and readable; `process` says which process it is, "" where that is not known."""

    identity: str
    doing: str = ""
    process: str = ""

    @classmethod
    def parse(cls, run: Mapping[str, Any]) -> Holder:
        return cls(str(run["holder"]), str(run.get("doing") or ""), str(run.get("process") or ""))

    def describe(self) -> str:
        """`ann@ops (Release by canary for shop)`."""
        who = self.identity.partition(" run ")[0]
        return f"{who} ({self.doing})" if self.doing else who


def forked_by() -> int:
    """The process that runs the playbook, asked by one of its workers; also if it has died since.

    A worker whose parent was killed is given another one, which lives on: no lock may be held in its name.
    """
    parent = multiprocessing.parent_process()
    return os.getppid() if parent is None or parent.pid is None else parent.pid


def process_mark(pid: int, proc: Path = PROC) -> str:
    """This process, as nobody else in the world is called: the boot, the PID namespace, the PID and its start.

    Returns "" where the system does not tell.
    """
    try:
        return "/".join((_world(proc), str(pid), _started(pid, proc)))
    except OSError:
        return ""


def is_gone(mark: str, proc: Path = PROC) -> bool:
    """Whether the process is known to have ended. What runs on another machine, or is not known, is not gone."""
    try:
        world, pid, started = mark.rsplit("/", 2)
        if world != _world(proc):
            return False
    except (OSError, ValueError):
        return False
    try:
        return _started(int(pid), proc) != started
    except (OSError, ValueError):
        return True


def _world(proc: Path) -> str:
    boot = (proc / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}/{(proc / 'self/ns/pid').readlink()}"


def _started(pid: int, proc: Path) -> str:
    """Clock ticks since the boot. A zombie has ended, whatever its entry still says."""
    fields = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    if fields[0] in ("Z", "X"):
        raise ProcessLookupError(pid)
    return fields[19]
