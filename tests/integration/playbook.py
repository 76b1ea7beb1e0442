# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`ansible-playbook` as users run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Run:
    """How a playbook ended, and all that it printed."""

    code: int
    said: str

    def line(self, start: str) -> str:
        """The last line that says `Live:`, `Why:` or `Next:`."""
        found = re.findall(rf"{start}: ?(.*)", self.said)
        return str(found[-1]).strip(' ",') if found else ""

    @property
    def changed(self) -> int:
        return int(re.findall(r"changed=(\d+)", self.said)[-1])


def start(*arguments: str, folder: Path = ROOT, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """A playbook that is not waited for, in a process group of its own."""
    program = Path(sys.executable).with_name("ansible-playbook")
    path = f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return subprocess.Popen(
        [str(program), *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path, "ANSIBLE_NOCOLOR": "1", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[str], task: int) -> str:
    """Nothing but the playbook's own process, a moment after it has begun its task of that number; which one that was.

    Modules are orphans then. A playbook that has ended before is told as such.
    """
    assert process.stdout is not None
    begun = 0
    for line in process.stdout:
        begun += line.startswith("TASK [")
        if begun == task:
            time.sleep(0.3)
            process.kill()
            process.wait()
            return line.partition("[")[2].rpartition("]")[0].removeprefix("slipway.rollout.")
    process.wait()
    return "after its end"


def play(
    *arguments: str, folder: Path = ROOT, environment: Mapping[str, str] | None = None, timeout: float = 300.0
) -> Run:
    """To its end, or killed at the end of its time (seconds)."""
    process = start(*arguments, folder=folder, environment=environment)
    try:
        said = process.communicate(timeout=timeout)[0]
    finally:
        process.kill()
    return Run(process.returncode, said)
