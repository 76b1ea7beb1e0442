# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit tests, and how much of the plugins they reach."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

from tools.stage import BUILD, ROOT

UTILS = "plugins/module_utils/*"
LEAST_BRANCHES = 90.0


def main(arguments: Sequence[str]) -> int:
    (BUILD / "coverage").mkdir(parents=True, exist_ok=True)
    counted = ("--cov", "--cov-report=", *(arguments or ("tests/unit", "--quiet", "--numprocesses=auto")))
    tests = subprocess.run((sys.executable, "-m", "pytest", *counted), cwd=ROOT, check=False).returncode
    print("\nOutside module_utils (for information):", flush=True)
    _coverage("report", f"--omit={UTILS}", "--fail-under=0", "--sort=cover")
    print("\nplugins/module_utils:", flush=True)
    lines = _coverage("report", f"--include={UTILS}", "--sort=cover")
    branches = _branch_rate()
    print(f"units: {branches:.1f} % of the branches in plugins/module_utils taken (at least {LEAST_BRANCHES:.0f} %)")
    return tests or lines or (1 if branches < LEAST_BRANCHES else 0)


def _branch_rate() -> float:
    """Branches taken of all, in percent. The report's own figure mixes lines into it."""
    _coverage("json", f"--include={UTILS}", "--fail-under=0", "--quiet")
    totals = json.loads((BUILD / "coverage" / "coverage.json").read_text("utf-8"))["totals"]
    every = int(totals["num_branches"])
    return 100.0 * int(totals["covered_branches"]) / every if every else 100.0


def _coverage(*arguments: str) -> int:
    return subprocess.run((sys.executable, "-m", "coverage", *arguments), cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
