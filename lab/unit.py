# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A unit: one long-lived component, declared as a command, its files and the fact that says that it is ready."""

from __future__ import annotations

import hashlib
import json
import shutil
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from lab import processes
from lab.config import Config, LabError


@dataclass(frozen=True, slots=True)
class Unit:
    """`ready` answers whether it serves; `files` are written before it starts; `patience` is in seconds."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool]
    files: Mapping[Path, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    patience: float = 60.0

    @property
    def fingerprint(self) -> str:
        """Changes when the unit must be restarted to be what is declared."""
        said = [self.command, {str(path): text for path, text in self.files.items()}, dict(self.environment)]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def pid_file(config: Config, name: str) -> Path:
    return config.pids / f"{name}.json"


def log_file(config: Config, name: str) -> Path:
    return config.logs / f"{name}.log"


def ensure(config: Config, unit: Unit, sleep: Callable[[float], None] = time.sleep) -> str:
    """Bring the unit to what is declared, ready. Says what was done: "", "started" or "restarted"."""
    file = pid_file(config, unit.name)
    process = processes.running(file) or processes.adopt(file)
    done = ""
    if process and process.fingerprint != unit.fingerprint:
        processes.stop(file)
        process, done = None, "restarted"
    if process is None:
        for path, text in unit.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        log = log_file(config, unit.name)
        if log.exists():
            shutil.move(log, log.with_suffix(".previous.log"))
        process = processes.start(unit.command, file, log, unit.fingerprint, unit.environment)
        done = done or "started"
    deadline = time.monotonic() + unit.patience
    while not unit.ready():
        processes.reap(process.pid)
        if not process.alive():
            raise LabError(f"{unit.name} ended while it started. Its last words:\n{last_words(config, unit.name)}")
        if time.monotonic() > deadline:
            raise LabError(
                f"{unit.name} is not ready after {unit.patience:.0f} s. Its last words:\n"
                f"{last_words(config, unit.name)}\n'make lab-down' and 'make lab' begin afresh."
            )
        sleep(0.1)
    return done


def last_words(config: Config, name: str, lines: int = 8) -> str:
    log = log_file(config, name)
    if not log.exists():
        return f"(no {log})"
    return "\n".join(
        ["  " + line[:300] for line in log.read_text(errors="replace").splitlines()[-lines:]] + [f"  ({log})"]
    )


def http_ok(url: str, timeout: float = 2.0) -> bool:
    """Whether a URL on this machine answers 200. Certificates do not matter for the question "does it serve?"."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with urlopen(url, timeout=timeout, context=context if url.startswith("https") else None) as answer:
            return bool(answer.status == 200)
    except HTTPError as error:
        error.close()
        return False
    except (OSError, ValueError):
        return False
