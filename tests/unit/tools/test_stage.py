# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools import stage as staging


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name in ("a.py", "lab/b.py", "build/c.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / ".gitignore").write_text("/build/\n")
    subprocess.run(("git", "init", "--quiet", "."), cwd=root, check=True)
    return root


def staged(copy: Path) -> set[str]:
    return {str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()}


def test_only_what_git_would_track_is_listed(project: Path) -> None:
    assert staging.project_files(project) == [Path(".gitignore"), Path("a.py"), Path("lab/b.py")]


def test_a_file_that_is_gone_from_the_work_tree_is_not_listed(project: Path) -> None:
    subprocess.run(("git", "add", "a.py"), cwd=project, check=True)
    (project / "a.py").unlink()
    assert Path("a.py") not in staging.project_files(project)


def test_the_copy_follows_the_project(project: Path, tmp_path: Path) -> None:
    copy = staging.stage(tmp_path / "stage", root=project)
    assert staged(copy) == {".gitignore", "a.py", "lab/b.py"}
    (project / "lab/b.py").unlink()
    (project / "a.py").write_text("changed")
    assert staging.stage(tmp_path / "stage", root=project) == copy
    assert staged(copy) == {".gitignore", "a.py"}
    assert (copy / "a.py").read_text() == "changed"


def test_a_folder_can_be_left_out(project: Path, tmp_path: Path) -> None:
    assert staged(staging.stage(tmp_path / "stage", without=("lab",), root=project)) == {".gitignore", "a.py"}


def test_a_link_replaces_what_was_there(tmp_path: Path) -> None:
    name = tmp_path / "here" / "link"
    for target in ("one", "two"):
        staging.link(name, tmp_path / target)
        assert name.readlink() == tmp_path / target
