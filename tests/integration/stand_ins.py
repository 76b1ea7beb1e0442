# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that stand in for those that a test cannot have: they note how they were called, and write what is given."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PROGRAM = """#!{python}
import json, os, sys
from pathlib import Path

here = Path(__file__).resolve().parent
name = Path(__file__).name
words = sys.argv[1:]
plan = json.loads((here / f"{{name}}.json").read_text())
with (here / "calls.jsonl").open("a") as calls:
    kept = {{key: os.environ.get(key, "") for key in plan["environment"]}}
    kept["config.json"] = ""
    if os.environ.get("DOCKER_CONFIG"):
        kept["config.json"] = (Path(os.environ["DOCKER_CONFIG"]) / "config.json").read_text()
    calls.write(json.dumps({{"program": name, "words": words, "environment": kept}}) + "\\n")
for option, content in plan["writes"].items():
    for before, word in zip(words, words[1:]):
        if before == option:
            Path(word.rpartition("=")[2]).write_text(content)
for start, answer in plan["answers"].items():
    if " ".join(words).startswith(start):
        sys.stdout.write(answer.get("out", ""))
        sys.stderr.write(answer.get("err", ""))
        sys.exit(answer.get("code", 0))
"""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the program, its arguments, and what it saw of the environment."""

    program: str
    words: list[str]
    environment: dict[str, str]

    def after(self, option: str) -> list[str]:
        return [word for before, word in zip(self.words, self.words[1:], strict=False) if before == option]


@dataclass(frozen=True, slots=True)
class StandIns:
    """A folder of programs, to be put before PATH."""

    folder: Path

    def add(
        self, name: str, *, writes: dict[str, str] | None = None, keep: tuple[str, ...] = (), **answers: Any
    ) -> None:
        """`writes`: option -> content of the file that it names. `answers`: first words, joined by _ -> answer."""
        self.folder.mkdir(parents=True, exist_ok=True)
        plan = {
            "writes": writes or {},
            "environment": keep,
            "answers": {start.replace("_", " "): answer for start, answer in answers.items()},
        }
        (self.folder / f"{name}.json").write_text(json.dumps(plan))
        program = self.folder / name
        program.write_text(_PROGRAM.format(python=sys.executable))
        program.chmod(0o755)

    def calls(self, name: str, first: str = "") -> list[Call]:
        """Of that program, those that begin with this word."""
        record = self.folder / "calls.jsonl"
        lines = record.read_text().splitlines() if record.exists() else []
        calls = [Call(**json.loads(line)) for line in lines]
        return [call for call in calls if call.program == name and (not first or call.words[:1] == [first])]

    @property
    def path(self) -> str:
        own = Path(sys.executable).parent  # syft lies there
        return os.pathsep.join((str(self.folder), str(own), os.environ.get("PATH", "")))
