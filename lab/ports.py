# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who listens on which TCP port: another's server on one of ours must never pass for ours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

PROC = Path("/proc")
LISTEN = "0A"


def taken(ports: Iterable[int], proc: Path = PROC) -> dict[int, str]:
    """The ports that somebody listens on, each with who it is."""
    wanted = set(ports)
    found = {port: inode for port, inode in _listening(proc) if port in wanted}
    holders = _holders(set(found.values()), proc) if found else {}
    return {port: holders.get(inode, "a process in another container") for port, inode in sorted(found.items())}


def _listening(proc: Path) -> Iterator[tuple[int, str]]:
    for name in ("tcp", "tcp6"):
        file = proc / "net" / name
        if not file.exists():
            continue
        for line in file.read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTEN:
                yield int(fields[1].rpartition(":")[2], 16), fields[9]


def _holders(inodes: set[str], proc: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in proc.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it ended meanwhile
                name = (entry / "comm").read_text().strip()
                found |= dict.fromkeys(_sockets(entry) & inodes, f"{name} (pid {entry.name})")
    return found


def _sockets(process: Path) -> set[str]:
    found = set()
    for link in (process / "fd").iterdir():
        with contextlib.suppress(OSError):  # it closed that one meanwhile
            found.add(str(link.readlink()).removeprefix("socket:[").removesuffix("]"))
    return found
