# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make molecule`: scenarios one after the other, each to its end, and a table of how they went.

`molecule test --all` would stop at the first that fails, and does not know of scenarios that skip themselves.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.stage import BUILD, ROOT

FIRST = "default"  # whether there is a lab at all


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one scenario ended; `skipped` says why nothing of it was played."""

    scenario: str
    passed: bool
    skipped: str
    seconds: float

    def __str__(self) -> str:
        word = "FAILED" if not self.passed else "SKIPPED" if self.skipped else "ok"
        return f"  {word:<8}{self.scenario:<20} {self.seconds:5.0f} s  {self.skipped}".rstrip()


def scenarios(root: Path = ROOT) -> list[str]:
    """By name, the one that looks for the lab first."""
    found = {path.parent.name for path in (root / "extensions" / "molecule").glob("*/molecule.yml")}
    return sorted(found, key=lambda name: (name != FIRST, name))


def skipped(scenario: str, build: Path = BUILD) -> str:
    """Why the scenario could not be played on this machine, "" where it was."""
    scene = build / "molecule" / scenario / "scene.json"
    return str(json.loads(scene.read_text()).get("skipped", "")) if scene.exists() else ""


def main(names: Sequence[str]) -> int:
    known = scenarios()
    unknown = sorted(set(names) - set(known))
    if unknown:
        print(f"molecule: no scenario {', '.join(unknown)}; there are {', '.join(known)}")
        return 2
    outcomes = []
    for scenario in known:
        if scenario == FIRST or not names or scenario in names:
            outcomes.append(_test(scenario))
            if scenario == FIRST and not outcomes[0].passed:
                break
    print("\nmake molecule", *outcomes, sep="\n")
    failed = sum(not outcome.passed for outcome in outcomes)
    left_out = sum(bool(outcome.skipped) for outcome in outcomes)
    print(f"scenarios: {len(outcomes) - failed - left_out} passed, {left_out} skipped, {failed} failed")
    return 1 if failed else 0


def _test(scenario: str) -> Outcome:
    print(f"\n##### {scenario}", flush=True)
    started = time.monotonic()
    program = Path(sys.executable).with_name("molecule")
    plain = {"MOLECULE_COMMAND_BORDERS": "false", "PATH": f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = (str(program), "test", "--scenario-name", scenario)
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **plain}, stdin=subprocess.DEVNULL, check=False)
    return Outcome(scenario, done.returncode == 0, skipped(scenario), time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
