# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays on this machine, run as users run them, and what they printed and learned."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integration import playbook

Task = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Played:
    """How a play ended, all that it printed, and what its last task `learn` put down."""

    code: int
    said: str
    learned: Any


def play(
    folder: Path,
    tasks: Sequence[Task],
    *options: str,
    learn: Sequence[str] = (),
    variables: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Played:
    """Run the tasks on localhost. `learn` names variables to bring back."""
    facts = folder / "learned.json"
    facts.unlink(missing_ok=True)
    content = "{{ {" + ", ".join(f"'{name}': {name} | default(none)" for name in learn) + "} | to_json }}"
    copy = {"dest": str(facts), "content": content, "mode": "0600"}
    bring = [{"ansible.builtin.copy": copy, "changed_when": False}] if learn else []
    book = folder / "play.yml"
    book.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [*tasks, *bring]}]))
    done = playbook.play(
        *("-i", "localhost,", "-c", "local", "-e", json.dumps(variables or {}), *options, str(book)),
        folder=folder,
        environment={
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            **(environment or {}),
        },
    )
    return Played(done.code, done.said, json.loads(facts.read_text()) if facts.exists() else None)


def role(name: str, *, tasks_from: str = "main", **variables: Any) -> Task:
    """A task that includes a role of this collection as the strategies include `notify`."""
    include = {"name": f"slipway.rollout.{name}", "tasks_from": tasks_from}
    return {"name": f"Include {name}", "ansible.builtin.include_role": include, "vars": variables}
