# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make test` and `make test-all`: each part to its end, and a table of how they went.

What needs no lab runs two parts at a time, each part's words kept until it has ended; the rest one by one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO

from tools.stage import BUILD, ROOT

Command = tuple[str, ...]

# A part's commands run until one fails. The lab is left up: CI takes it down, a developer uses it again.
PARTS: dict[str, Sequence[Command]] = {
    "lint": [("python", "-m", "tools.lint")],
    "sanity": [("python", "-m", "tools.sanity")],
    "unit": [("python", "-m", "tools.units"), ("tools/go.sh", "test")],
    "oldest": [("tools/oldest.sh",)],
    "integration": [
        ("python", "-m", "lab", "up"),
        (
            "python",
            "-m",
            "pytest",
            "tests/conformance",
            "tests/integration",
            "-v",
            "--ignore=tests/integration/lab",
            "-m",
            "not slow",
            "--durations=15",
        ),
    ],
}
# What `make test-all` runs besides: the lab's own tests, which stop it, break it and start it again.
SLOW: dict[str, Sequence[Command]] = {
    "services": [("python", "-m", "pytest", "tests/services", "-v")],
    "slow": [
        ("python", "-m", "lab", "up"),
        ("python", "-m", "pytest", "tests/integration", "-v", "--ignore=tests/integration/lab", "-m", "slow"),
    ],
    "molecule": [
        ("python", "-m", "lab", "up"),
        ("python", "-m", "tools.molecule"),
    ],
    "lab": [
        ("python", "-m", "lab", "up"),
        ("python", "-m", "pytest", "tests/integration/lab", "-v"),
    ],
}

ALONE = ("integration", *SLOW)  # whoever else works at the same time makes what these see slow


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one part ended."""

    part: str
    passed: bool
    seconds: float


def main(names: Sequence[str]) -> int:
    wanted = [*PARTS, *SLOW] if names == ["all"] else names or PARTS
    outcomes = [*_together([part for part in wanted if part not in ALONE])]
    outcomes += [_run(part) for part in wanted if part in ALONE]
    print("\nmake test-all" if names == ["all"] else "\nmake test")
    for outcome in outcomes:
        print(f"  {'ok    ' if outcome.passed else 'FAILED'}  {outcome.part:<12} {outcome.seconds:6.0f} s")
    failed = sum(not outcome.passed for outcome in outcomes)
    print(f"parts: {len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _together(parts: Sequence[str]) -> Iterable[Outcome]:
    if len(parts) < 2:
        return map(_run, parts)
    print(f"\n##### {', '.join(parts)}: two at a time", flush=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        return [*pool.map(_run_to_file, parts)]


def _run_to_file(part: str) -> Outcome:
    path = BUILD / "results" / f"{part}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w+", encoding="utf-8") as log:
        outcome = _run(part, log)
        log.seek(0)
        print(log.read(), end="", flush=True)
    return outcome


def _run(part: str, log: IO[str] | None = None) -> Outcome:
    print(f"\n##### {part}", file=log, flush=True)
    started = time.monotonic()
    kept = {"SLIPWAY_RESULTS": str(BUILD / "results" / f"{part}.json")}
    told = None if log is None else subprocess.STDOUT
    passed = all(
        subprocess.run(command, cwd=ROOT, env={**os.environ, **kept}, stdout=log, stderr=told, check=False).returncode
        == 0
        for command in (PARTS | SLOW)[part]
    )
    return Outcome(part, passed, time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
