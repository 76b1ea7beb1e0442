# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users felt while something happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lab import load
from tests.integration.shop import within


@dataclass
class Users:
    """Their requests, in the order of sending, once the block has ended."""

    path: Path
    results: list[load.Result] = field(default_factory=list)

    @property
    def failed(self) -> int:
        return sum(result.failed for result in self.results)

    @property
    def releases(self) -> set[str]:
        return {result.release for result in self.results}


@contextmanager
def sending(work: load.Load, loader: Path, path: Path) -> Iterator[Users]:
    """Requests from the first answer on until the block ends."""
    users = Users(path)
    path.unlink(missing_ok=True)
    process = load.start(work, loader, str(path))
    try:
        within(20, lambda: path.exists() and path.stat().st_size)
        yield users
    finally:
        process.terminate()
        process.wait(timeout=30)
    users.results = sorted(load.read(path), key=lambda result: result.t)
