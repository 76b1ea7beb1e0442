# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the checks, two at a time: a line each, the whole output of those that fail, and a sum."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from tools.checks import Check, checks
from tools.stage import BUILD, OUTSIDE_GIT, ROOT, link, stage


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one check ended."""

    check: Check
    passed: bool
    seconds: float
    output: str


def main(names: Sequence[str]) -> int:
    known = checks()
    unknown = set(names) - {check.name for check in known}
    if unknown:
        print(f"lint: no check {', '.join(sorted(unknown))}; there are {', '.join(check.name for check in known)}")
        return 2
    chosen = [check for check in known if not names or check.name in names]
    copy = stage(BUILD / "stage")
    # mypy finds a package by its full name only outside site-packages.
    link(BUILD / "types" / "ansible_collections" / "slipway" / "rollout", Path("../../../.."))
    (BUILD / "home").mkdir(exist_ok=True)
    started = time.monotonic()
    outcomes = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for done in as_completed([pool.submit(_run, check, copy) for check in chosen]):
            outcomes.append(done.result())
            print(_line(outcomes[-1]), flush=True)
    failed = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in failed:
        print(f"\n=== {outcome.check.name}: {' '.join(outcome.check.command)}\n{outcome.output}")
    seconds = time.monotonic() - started
    print(f"lint: {len(outcomes) - len(failed)} passed, {len(failed)} failed in {seconds:.0f} s")
    return 1 if failed else 0


def _run(check: Check, copy: Path) -> Outcome:
    started = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=copy if check.staged else ROOT,
        env=os.environ | OUTSIDE_GIT | {"ANSIBLE_COLLECTIONS_PATH": str(BUILD / "stage")} | check.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(check, done.returncode == 0, time.monotonic() - started, done.stdout)


def _line(outcome: Outcome) -> str:
    return f"  {'ok    ' if outcome.passed else 'FAILED'}  {outcome.check.name:<16} {outcome.seconds:5.1f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
