# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check of `make lint`, on one page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.stage import BUILD, ROOT, project_files

# Folders of Python that mypy --strict checks.
TYPED = ("plugins/module_utils", "plugins/modules", "plugins/action", "lab", "tools")


@dataclass(frozen=True, slots=True)
class Check:
    """A command that exits 0 when all is well; `staged` runs it in the copy that lies where Ansible expects it."""

    name: str
    command: tuple[str, ...]
    staged: bool = False
    environment: dict[str, str] = field(default_factory=dict)


def checks() -> Sequence[Check]:
    """The slowest first: two run at a time."""
    shell = [str(path) for path in project_files() if path.suffix == ".sh" or path == Path(".ci/run")]
    return (
        Check("go", ("tools/go.sh", "lint")),
        Check("galaxy-importer", ("python", "-m", "tools.importer", str(BUILD / "dist"))),
        Check(
            "antsibull-docs",
            (
                *("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck"),
                *("--validate-collection-refs=dependent", "."),
            ),
            staged=True,
            environment={"HOME": str(BUILD / "home")},  # where it leaves a log
        ),
        Check("ansible-lint", ("ansible-lint", "--offline", "--nocolor", "--config-file=.ansible-lint"), staged=True),
        Check(
            "mypy",
            ("mypy", *(part for package in _packages() for part in ("--package", package))),
            environment={"MYPYPATH": f"{BUILD / 'types'}:{ROOT}"},
        ),
        Check("yamllint", ("yamllint", "--strict", ".")),
        Check("reuse", ("reuse", "--root", ".", "lint", "--lines"), staged=True),
        Check("changelog", ("antsibull-changelog", "lint"), staged=True),
        Check("ruff", ("ruff", "check", ".")),
        Check("ruff-format", ("ruff", "format", "--check", ".")),
        Check("shellcheck", ("shellcheck", "--external-sources", *shell)),
        Check("terraform", ("tools/terraform.sh",)),
        Check("workflows", ("tools/workflows.sh",)),
        Check("house", ("python", "-m", "tools.house")),
    )


def _packages() -> Iterator[str]:
    for folder in TYPED:
        if any((ROOT / folder).glob("*.py")):
            name = folder.replace("/", ".")
            yield f"ansible_collections.slipway.rollout.{name}" if folder.startswith("plugins/") else name
