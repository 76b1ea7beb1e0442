# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the collection where Ansible's tools insist on finding it: in ansible_collections/slipway/rollout.

Only what git tracks or would track is copied, so no virtual environment and no build is walked through.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"

# Tools that ask git for files must not find, from within a copy, the repository around it: that one ignores the copy.
OUTSIDE_GIT = {"GIT_CEILING_DIRECTORIES": str(ROOT)}


def project_files(root: Path = ROOT) -> list[Path]:
    """Relative paths of the files that git tracks or would track, those that still exist, in order."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return sorted({Path(name) for name in listed.split("\0") if name and (root / name).is_file()})


def stage(place: Path, *, without: Sequence[str] = (), root: Path = ROOT) -> Path:
    """Bring the copy under `place` up to date, kubernetes.core linked beside it, and return the collection's folder.

    The folders in `without` are left out.
    """
    collections = place / "ansible_collections"
    copy = collections / "slipway" / "rollout"
    wanted = [path for path in project_files(root) if not any(path.is_relative_to(folder) for folder in without)]
    _remove_others(copy, wanted)
    for name in wanted:
        _copy_if_changed(root / name, copy / name)
    link(collections / "kubernetes", _site_packages() / "ansible_collections" / "kubernetes")
    return copy


def link(name: Path, target: Path) -> None:
    """Make `name` a symbolic link to `target`, whatever it was before."""
    name.parent.mkdir(parents=True, exist_ok=True)
    fresh = name.with_name(f".{name.name}.{os.getpid()}")
    fresh.symlink_to(target)
    fresh.replace(name)


def _site_packages() -> Path:
    return Path(sysconfig.get_path("purelib"))


def _copy_if_changed(source: Path, target: Path) -> None:
    old, new = (target.lstat() if target.exists() else None), source.stat()
    if old and (old.st_size, old.st_mtime_ns, old.st_mode) == (new.st_size, new.st_mtime_ns, new.st_mode):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def _remove_others(copy: Path, wanted: Iterable[Path]) -> None:
    keep = {copy / name for name in wanted}
    keep |= {folder for path in keep for folder in path.parents}
    for folder, folders, files in os.walk(copy, topdown=False):
        for name in [*files, *folders]:
            path = Path(folder, name)
            if path not in keep:
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
