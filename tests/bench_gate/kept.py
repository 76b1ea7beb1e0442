# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has been measured so far, in a file of JSON lines: a run that is cut goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

Found = dict[str, Any]

_PARTS = "plugins/module_utils/gate/statistics/*.py", "tests/bench_gate/*.py"
_SHOWING = frozenset({"kept.py", "plots.py", "tables.py", "report.py", "__main__.py"})  # change no figure


@dataclass(frozen=True, slots=True)
class Job:
    """A part of the bench: `number` of those that `name` of `section` is measured in."""

    section: str
    name: str
    number: int
    measure: Callable[[], Found]


def fingerprint(root: Path) -> str:
    """Of all code that the figures come from."""
    files = sorted(path for part in _PARTS for path in root.glob(part) if path.name not in _SHOWING)
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def seeds(path: Path, code: str) -> list[int]:
    """Those that this code has been measured with."""
    return sorted({one["seed"] for one in _lines(path) if one["code"] == code})


def _lines(path: Path) -> Iterator[Any]:
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        try:
            yield json.loads(line)
        except ValueError:
            continue  # cut while it was written


@dataclass(slots=True)
class Kept:
    """Parts by section, name and number, of one seed and of the code as it is; those of others stay in the file."""

    path: Path
    seed: int
    code: str
    _parts: dict[tuple[str, str, int], Found] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in _lines(self.path):
            if (one["seed"], one["code"]) == (self.seed, self.code):
                self._parts[one["section"], one["name"], one["number"]] = one["found"]

    def run(self, jobs: Iterable[Job]) -> None:
        """Measure what is not yet kept."""
        for job in jobs:
            if (job.section, job.name, job.number) not in self._parts:
                self._keep(job, job.measure())

    def of(self, section: str) -> dict[str, list[Found]]:
        """The parts that there are, by name."""
        found: dict[str, list[Found]] = {}
        for (one, name, _number), part in sorted(self._parts.items(), key=lambda item: item[0][2]):
            if one == section:
                found.setdefault(name, []).append(part)
        return found

    def _keep(self, job: Job, found: Found) -> None:
        line = json.dumps({"seed": self.seed, "code": self.code, "section": job.section, "name": job.name,
                           "number": job.number, "found": found})  # fmt: skip
        self.path.parent.mkdir(exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        print(line, flush=True)
        self._parts[job.section, job.name, job.number] = found
