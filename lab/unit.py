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

from lab import ports, processes
from lab.config import Config, LabError

FREED = 3.0  # seconds until the last thread of a killed process has let go of its port
GRACE = 5.0  # seconds that one which has been up for long may fail to answer: the machine may be busy


class EndedAtStartError(LabError):
    """A unit ended by itself while it started."""

    def __init__(self, unit: str, message: str) -> None:
        super().__init__(message)
        self.unit = unit


@dataclass(frozen=True, slots=True)
class Unit:
    """`ready` answers whether it serves; `files` are written before it starts; `patience` is in seconds.

    `reads` are files of others that it reads once, at its start; `ports` those that it listens on.
    """

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool]
    files: Mapping[Path, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    reads: tuple[Path, ...] = ()
    ports: tuple[int, ...] = ()
    patience: float = 60.0

    @property
    def fingerprint(self) -> str:
        """Changes when the unit must be restarted to be what is declared."""
        said = [self.command, {str(path): text for path, text in self.files.items()}, dict(self.environment)]
        digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
        for path in self.reads:
            digest.update(path.read_bytes() if path.exists() else b"")
        return digest.hexdigest()[:16]


def pid_file(config: Config, name: str) -> Path:
    return config.pids / f"{name}.json"


def log_file(config: Config, name: str) -> Path:
    return config.logs / f"{name}.log"


def ensure(config: Config, unit: Unit, sleep: Callable[[float], None] = time.sleep, grace: float = GRACE) -> str:
    """Bring the unit to what is declared, ready. Says what was done: "", "started" or "restarted"."""
    file = pid_file(config, unit.name)
    process = processes.running(file) or processes.adopt(file)
    if process and process.fingerprint == unit.fingerprint:
        # Another `up` may have started it a moment ago; one that stays deaf (stopped, stuck) is started anew.
        left = process.since + unit.patience - time.time()
        if _comes(unit, process, max(grace, left), sleep):
            return ""
    if process:
        processes.stop(file)
    new = _start(config, unit)
    if not _comes(unit, new, unit.patience, sleep):
        words = f"Its last words:\n{last_words(config, unit.name)}"
        if not new.alive():
            file.unlink(missing_ok=True)  # it never was one of those that run
            raise EndedAtStartError(unit.name, f"{unit.name} ended while it started. {words}")
        raise LabError(
            f"{unit.name} is not ready after {unit.patience:.0f} s. {words}\n"
            "'python -m lab down --wipe' and 'python -m lab up' begin afresh."
        )
    return "restarted" if process else "started"


def _start(config: Config, unit: Unit) -> processes.Process:
    refuse_taken(unit.name, unit.ports)
    for path, text in unit.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    log = log_file(config, unit.name)
    if log.exists():
        shutil.move(log, log.with_suffix(".previous.log"))
    return processes.start(unit.command, pid_file(config, unit.name), log, unit.fingerprint, unit.environment)


def refuse_taken(who: str, wanted: tuple[int, ...]) -> None:
    """Else the other's answer would pass for ours."""
    deadline = time.monotonic() + FREED
    while (others := ports.taken(wanted)) and time.monotonic() < deadline:
        time.sleep(0.05)
    if others:
        held = ", ".join(f"port {port} is held by {holder}" for port, holder in others.items())
        raise LabError(f"{who} cannot start: {held}. Stop that first, or run the lab on another machine.")


def _comes(unit: Unit, process: processes.Process, seconds: float, sleep: Callable[[float], None]) -> bool:
    """Whether it is alive and ready within so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        ready = unit.ready()
        processes.reap(process.pid)
        if not process.alive():
            return False
        if ready or time.monotonic() > deadline:
            return ready
        sleep(0.1)


def last_words(config: Config, name: str, lines: int = 8) -> str:
    log = log_file(config, name)
    if not log.exists():
        return f"(no {log})"
    return "\n".join(
        ["  " + line[:300] for line in log.read_text(errors="replace").splitlines()[-lines:]] + [f"  ({log})"]
    )


def http_ok(url: str, timeout: float = 2.0) -> bool:
    """Whether a URL on this machine answers 200. Certificates do not matter for the question "does it serve?"."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with urlopen(url, timeout=timeout, context=context) as answer:
            return bool(answer.status == 200)
    except HTTPError as error:
        error.close()
        return False
    except (OSError, ValueError):
        return False
