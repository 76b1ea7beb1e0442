# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`ansible-test sanity`: every test on this Python, and those that depend on the version on the oldest one too.

No test is left out. The lab and the tools are, because they are not in the collection that is built: make lint holds
them to ruff and mypy instead. So are charts, whose templates are no YAML before Helm has made some of them: tests of
the charts check what it makes. ansible-test's own environments go to the cache folder.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from subprocess import PIPE, STDOUT

from tools.stage import BUILD, ROOT, stage

OLDEST = "3.10"
NOT_TESTED = ("charts", "lab", "tools", "tests/unit/lab", "tests/unit/tools")
# The tests that ansible-test itself repeats per Python version; the others give the same answer on each.
PER_VERSION = ("--test", "compile", "--test", "import")
# What pip tells while ansible-test makes its environments, which nobody reads.
_PIP = re.compile(
    r"$|\s+(Downloading|Attempting|Found existing|Uninstalling|Successfully|Using cached|━)|Using cached pip"
    r"|(Collecting|Looking in|Processing|Downloading|Installing collected|Successfully installed) "
)


def main() -> int:
    copy = stage(BUILD / "sanity", without=NOT_TESTED)
    # It looks for a repository by itself, would find the one around the copy, which ignores the copy, and test nothing.
    subprocess.run(("git", "init", "--quiet", "."), cwd=copy, check=True)
    home = Path(os.environ["SLIPWAY_CACHE"]) / "ansible-test"
    _provide_get_pip(home / ".ansible" / "test" / "cache")
    newest = f"{sys.version_info.major}.{sys.version_info.minor}"
    codes = [_sanity(copy, home, newest, str(Path(sys.executable).parent), ())]
    oldest = find_python(OLDEST)
    if oldest:
        codes.append(_sanity(copy, home, OLDEST, str(oldest.parent), PER_VERSION))
    else:
        print(f"sanity: SKIPPED on Python {OLDEST}, which is not on this machine; CI must run it.")
    return max(codes)


def find_python(version: str) -> Path | None:
    """An interpreter of this version that can make a virtual environment."""
    command = ("bash", "-c", '. tools/python.sh; find_python "$1"', "find_python", version)
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    return Path(found) if found else None


def _sanity(copy: Path, home: Path, version: str, folder: str, tests: Sequence[str]) -> int:
    print(f"sanity: Python {version}", flush=True)
    environment = os.environ | {
        "HOME": str(home),
        "PATH": f"{os.environ['PATH']}{os.pathsep}{folder}",
        "PIP_CACHE_DIR": str(home.parent / "pip"),
    }
    command = ("ansible-test", "sanity", "--python", version, "--requirements", "--color", "no", *tests)
    with subprocess.Popen(command, cwd=copy, env=environment, text=True, stdout=PIPE, stderr=STDOUT) as running:
        skipped = [line for line in _printed(running.stdout or ()) if "All targets skipped" in line]
    return 1 if skipped else running.returncode


def _printed(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if not _PIP.match(line):
            print(line, end="", flush=True)
        yield line


def _provide_get_pip(cache: Path) -> None:
    """Put a script where ansible-test keeps the get-pip that it otherwise downloads from a place of its own."""
    package = importlib.util.find_spec("ansible_test")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("sanity: ansible-test is missing; run 'make venv'")
    source = Path(package.submodule_search_locations[0], "_internal", "python_requirements.py").read_text("utf-8")
    cache.mkdir(parents=True, exist_ok=True)
    for version in set(re.findall(r"pip='([\d.]+)'", source)):
        shutil.copyfile(ROOT / "tools" / "get_pip.py", cache / f"get_pip_{version.replace('.', '_')}.py")


if __name__ == "__main__":
    sys.exit(main())
