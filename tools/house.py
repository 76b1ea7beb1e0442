# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of this project that no other tool knows.

No file names a place on somebody's machine or a package index; every file of module_utils has its unit test; files are
short; the lock files hold what is asked for.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path

from tools.stage import ROOT, project_files

LONGEST = 300
# Longer files, and why each is one idea all the same.
LONG_ON_PURPOSE: Mapping[str, str] = {}
# Files that may name a place, and why.
PLACES_ON_PURPOSE: Mapping[str, str] = {}

CODE = {".go", ".j2", ".py", ".sh", ".toml", ".yaml", ".yml"}
UTILS = Path("plugins/module_utils")

# Spelled in pieces, so that this file does not name them either.
_FOLDERS = "|".join(("work", "root", "tmp"))
_INDEXES = ("pypi", "pythonhosted", "proxy.golang", "sum.golang", "registry.npmjs", "deb.debian", "security.debian")
_HOSTS = "|".join(re.escape(f"{name}.org") for name in _INDEXES)
_PLACE = re.compile(rf"(?<![\w.\-/])/(?:{_FOLDERS})/[\w.\-]*|\.\./shared\b|{_HOSTS}")
_DOCUMENTATION = re.compile(r'^ *(?:DOCUMENTATION|EXAMPLES|RETURN) = r?""".*?"""\n', re.DOTALL | re.MULTILINE)


def places(path: Path, text: str) -> Iterator[str]:
    """A line for each place on a machine, or package index, that the text names."""
    if any(fnmatch(str(path), pattern) for pattern in PLACES_ON_PURPOSE):
        return
    for number, line in enumerate(text.splitlines(), 1):
        for found in _PLACE.finditer(line):
            yield f"{path}:{number}: names {found.group()}; the project runs on other machines too"


def length(path: Path, text: str) -> Iterator[str]:
    """A line if the file is too long. The documentation inside a module does not count."""
    if path.suffix not in CODE or str(path) in LONG_ON_PURPOSE:
        return
    lines = len(_DOCUMENTATION.sub("", text).splitlines())
    if lines > LONGEST:
        yield f"{path}: {lines} lines; split it by its ideas (at most {LONGEST})"


def tests_of(paths: Iterable[Path]) -> Iterator[str]:
    """A line for each file of module_utils without a unit test of its name."""
    known = set(paths)
    for path in sorted(known):
        if path.suffix != ".py" or path.name == "__init__.py" or not path.is_relative_to(UTILS):
            continue
        test = Path("tests/unit") / path.relative_to(UTILS).with_name(f"test_{path.stem.lstrip('_')}.py")
        if test not in known:
            yield f"{path}: has no {test}"


def locked(wanted: str, lock: str) -> Iterator[str]:
    """A name for each requirement that the lock file does not hold."""
    held = {name.lower().replace("_", "-") for name in re.findall(r"^([\w.\-]+)==", lock, re.MULTILINE)}
    for line in wanted.splitlines():
        name = re.match(r"[\w.\-]+", line)
        if name and name.group().lower().replace("_", "-") not in held and not line.startswith("-"):
            yield name.group()


def complaints(root: Path) -> Iterator[str]:
    paths = project_files(root)
    for path in paths:
        try:
            text = (root / path).read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        yield from places(path, text)
        yield from length(path, text)
    yield from tests_of(paths)
    for asked in sorted(root.glob("requirements-*.in")):
        lock = asked.with_suffix(".lock")
        for name in locked(asked.read_text("utf-8"), lock.read_text("utf-8")):
            yield f"{lock.name}: does not hold {name} of {asked.name}; run 'make lock'"


def main() -> int:
    found = list(complaints(ROOT))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
