# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the kernel that the lab or its components change, and how they were before."""

from __future__ import annotations

from collections.abc import Mapping
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


def read(proc: Path = PROC) -> dict[str, str]:
    return {name: (proc / name).read_text().strip() for name in SETTINGS}


def restore(before: Mapping[str, str], proc: Path = PROC) -> None:
    now = read(proc)
    for name, value in before.items():
        if now.get(name, value) != value:
            (proc / name).write_text(value)


def forward(proc: Path = PROC) -> None:
    """Let packets pass between pods."""
    (proc / SETTINGS[0]).write_text("1")
