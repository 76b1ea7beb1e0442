# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a run's output to what a person reads of it, and to the page docs/mistakes.md."""

from __future__ import annotations

import json
import re
import shlex
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 110
INVENTORY = ("-i", "inventories/lab")
HEAD = """\
<!--
SPDX-FileCopyrightText: Slipway contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->

# Mistakes, and what is printed

Each of these mistakes was made with a real cluster, and this page is what came out: `python -m lab.mistakes` makes them
again in the lab and writes it anew. Each was made in the namespace `practice`, with a copy of the demo app.

Every one is refused by the preflight, before anything is changed: the exit code is not 0, and nobody has written to the
Deployments, the HPA and the route (in the last one, only the other rollout has). All that is wrong is told at once, so
that two mistakes need one correction. Shown are the lines that tell; below them Ansible prints the whole result as
data. Three lines say it all: which version is **live**, **why** the run ended, what to do **next**.
"""
_DIGEST = re.compile(r"(sha256:)[0-9a-f]{12,64}")
_ERROR = "[ERROR]: "
_END = re.compile(r"Origin: |fatal: |PLAY |TASK |\Z")


@dataclass(frozen=True, slots=True)
class Shown:
    """A command and what a person sees of its output."""

    command: str
    said: str
    code: int


def arguments(variables: Mapping[str, Any]) -> list[str]:
    """Words for the command line: text as name=value, all else as JSON. None leaves a variable out."""
    given: list[str] = []
    for name, value in variables.items():
        if value is not None:
            given += ["-e", f"{name}={value}" if isinstance(value, str) else json.dumps({name: value})]
    return given


def command(words: Sequence[str]) -> str:
    """As it is typed, a line for each variable."""
    return shlex.join(words).replace(" -e ", " \\\n    -e ")


def telling(output: str) -> str:
    """The last error; where there is none, what the last task showed."""
    lines = output.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(_ERROR)]
    if starts:
        found = lines[starts[-1] :]
        length = next((n for n, line in enumerate(found) if n and _END.match(line)), len(found))
        return "\n".join(found[:length]).strip()
    shown = output.rpartition(" =>")[2].partition("\n")[2].partition("\nPLAY RECAP")[0]
    return textwrap.dedent(shown).strip()


def hidden(text: str, names: Mapping[str, str]) -> str:
    """Without what is this machine's or this run's: `names` to what stands for them, digests as such."""
    for name, instead in names.items():
        text = text.replace(name, instead)
    return _DIGEST.sub(r"\1…", text)


def wrapped(text: str) -> str:
    """Broken between words, as a terminal would."""
    return "\n".join(
        "\n".join(textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False)) or ""
        for line in text.splitlines()
    )


def section(title: str, advice: str, runs: Iterable[Shown]) -> str:
    blocks = [f"```console\n$ {run.command}\n{wrapped(run.said)}\n```\n\nExit code {run.code}." for run in runs]
    told = "\n".join(textwrap.wrap(advice, 120, break_long_words=False, break_on_hyphens=False))
    return "\n\n".join((f"## {title}", blocks[0], told, *blocks[1:])) + "\n"


def page(sections: Sequence[str]) -> str:
    return "\n".join((HEAD, *sections))
