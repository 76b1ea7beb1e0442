# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the kernel that the lab or its components change, and how they were before."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

SETTINGS = (
    "net/ipv4/ip_forward",
    # kubelet's
    "kernel/panic",
    "kernel/panic_on_oops",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
)
PROC = Path("/proc/sys")


def record(file: Path, proc: Path = PROC) -> None:
    file.write_text(json.dumps({name: (proc / name).read_text().strip() for name in SETTINGS}))


def restore(file: Path, proc: Path = PROC) -> None:
    """Back to what was recorded; nothing without a record."""
    with contextlib.suppress(OSError, ValueError):
        for name, value in json.loads(file.read_text()).items():
            if (proc / name).read_text().strip() != value:
                (proc / name).write_text(value)


def forward(proc: Path = PROC) -> None:
    """Let packets pass between pods."""
    (proc / SETTINGS[0]).write_text("1")
