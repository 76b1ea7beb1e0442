# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A team's repository as `adopt` writes it, what the team edits in it, and the playbooks run in it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.integration import playbook
from tests.integration.playbook import Run


@dataclass
class Repository:
    """`folder` is where the commands are typed. Edits are counted by lines."""

    folder: Path
    kubeconfig: Path
    name: str = "delivery"
    edited: list[str] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return self.folder / self.name

    def adopt(self, variables: Mapping[str, Any], *options: str) -> Run:
        cluster = {"slipway_cluster": {"kubeconfig": str(self.kubeconfig)}, "slipway_repository": f"./{self.name}"}
        return self._play(self.folder, "slipway.rollout.adopt", "-e", json.dumps({**cluster, **variables}), *options)

    def play(self, book: str, *options: str) -> Run:
        return self._play(self.path, book, "-i", "production", *options)

    def files(self) -> dict[str, str]:
        return {
            str(file.relative_to(self.path)): file.read_text()
            for file in sorted(self.path.rglob("*.*"))
            if file.is_file()
        }

    def variables(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load((self.path / "production/group_vars" / f"{name}.yml").read_text())
        return found

    def edit(self, file: str, before: str, after: str) -> None:
        """A person's edit of one place."""
        path = self.path / file
        old = path.read_text()
        assert old.count(before) == 1, (before, old)
        new = old.replace(before, after)
        path.write_text(new)
        changes = difflib.ndiff(old.splitlines(), new.splitlines())
        self.edited += [line for line in changes if line.startswith("+ ")]

    def _play(self, folder: Path, *arguments: str) -> Run:
        return playbook.play(*arguments, folder=folder, environment={"PWD": str(folder)})
