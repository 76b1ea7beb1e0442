# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's packages as files: what they consist of and need, without installing them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from lab import oci
from lab.config import LabError

# Of what a package depends on, libraries are all that its programs are linked to. The C library is this machine's.
_LIBRARY = re.compile(r"^lib(?!c6$|llvm|perl|debconf|json-perl|common-sense|types|pam-|js-)[a-z0-9.+-]+$")
_DEPENDS = ("depends", "--recurse", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks")


def newest(name: str) -> str:
    """The package that a package without content of its own stands for, such as postgresql-15 for postgresql."""
    found = re.search(rf"^Depends: .*?\b({name}-\d+)\b", _apt_cache("show", "--no-all-versions", name), re.MULTILINE)
    if not found:
        raise LabError(f"Debian's package {name} does not say which version it stands for.")
    return found.group(1)


def closure(names: Sequence[str]) -> list[str]:
    """These packages and the libraries that they need."""
    said = _apt_cache(*_DEPENDS, "--no-replaces", "--no-enhances", *names)
    return sorted({*names, *(line for line in said.splitlines() if _LIBRARY.match(line))})


def unpack(names: Sequence[str], cache: Path, folder: Path) -> None:
    """Into `folder`, downloads kept in `cache`: apt fetches only what it has not there."""
    cache.mkdir(parents=True, exist_ok=True)
    _run(("apt-get", "download", "-qq", *names), cache)
    newest: dict[str, Path] = {}
    for file in sorted(cache.glob("*.deb"), key=lambda path: path.stat().st_mtime):
        newest[file.name.partition("_")[0]] = file
    for name in names:
        _run(("dpkg-deb", "--extract", str(newest[name]), str(folder)), folder)


def libraries(program: Path, root: Path) -> Iterator[oci.File]:
    """What a program below `root` is linked to: from there, or else from this machine."""
    folders = [str(folder) for pattern in ("lib/*-linux-gnu", "usr/lib/*-linux-gnu") for folder in root.glob(pattern)]
    environment = {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(folders)}
    done = subprocess.run(("ldd", str(program)), env=environment, capture_output=True, text=True, check=False)
    if "not found" in done.stdout:
        raise LabError(f"{program.relative_to(root)} needs a library that no package has:\n{done.stdout}")
    for word in done.stdout.split():
        path = Path(word)
        if word.startswith("/") and path.exists():
            inside = path.relative_to(root) if path.is_relative_to(root) else path.relative_to("/")
            yield oci.File(str(inside), path.read_bytes(), 0o755)


def _apt_cache(*arguments: str) -> str:
    done = subprocess.run(("apt-cache", *arguments), capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout:  # the lists are not there yet
        _run(("apt-get", "update", "-qq"), Path("/"))
        return _run(("apt-cache", *arguments), Path("/"))
    return done.stdout


def _run(command: tuple[str, ...], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"{' '.join(command[:3])} failed:\n{(done.stderr or done.stdout)[-1500:]}")
    return done.stdout
