# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A user's own program, run with the URL of what it is to test."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..clock import Clock
from .probe import ProbeError

PLACE = "{url}"
_LONGEST_LINE = 500
_GRACE = 5.0  # seconds from the request to end to the end


@dataclass(frozen=True, slots=True)
class Command:
    """`argv` without the URL: it takes the place of `{url}`, or comes last, as `--url URL`."""

    argv: tuple[str, ...]
    port: str = "http"
    scheme: str = "http"
    timeout: float = 600.0
    chdir: str = ""
    lines: int = 40
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    def with_url(self, url: str) -> list[str]:
        if any(PLACE in word for word in self.argv):
            return [word.replace(PLACE, url) for word in self.argv]
        return [*self.argv, "--url", url]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended; `code` is None where it never started or was stopped, `problem` "" when all was well."""

    code: int | None
    seconds: float
    output: tuple[str, ...]
    problem: str


def parse_command(option: Mapping[str, Any]) -> Command:
    """From the option `command`. Raises ProbeError."""
    words = option.get("argv") or shlex.split(option.get("cmd") or "")
    if not words:
        raise ProbeError("command says nothing to run; give cmd, such as 'python scripts/smoke_tests.py', or argv.")
    if not option["timeout"] > 0:
        raise ProbeError(f"command.timeout is {option['timeout']}; it is a time in seconds and must be above 0.")
    return Command(
        argv=tuple(map(str, words)),
        port=option["port"],
        scheme=option["scheme"],
        timeout=option["timeout"],
        chdir=option.get("chdir") or "",
        lines=option["lines"],
        environment={str(key): str(value) for key, value in (option.get("environment") or {}).items()},
    )


def run_command(command: Command, url: str, clock: Clock) -> Outcome:
    """To its end, or to the end of its time; whatever it started goes with it."""
    argv = command.with_url(url)
    began = clock.monotonic()
    try:
        # AnsibleModule.run_command cannot end what a command has started.
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function
            argv,
            cwd=command.chdir or None,
            env={**os.environ, **command.environment, "SLIPWAY_URL": url},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        where = f" in {command.chdir}" if command.chdir else ""
        return Outcome(None, 0.0, (), f"{argv[0]} could not be started{where}: {error.strerror or error}")
    tail: deque[str] = deque(maxlen=command.lines)
    reader = threading.Thread(target=_read, args=(process, tail), daemon=True)
    reader.start()
    problem = _wait(process, command)
    seconds = clock.monotonic() - began
    reader.join(_GRACE)
    code = None if problem else process.returncode
    return Outcome(code, seconds, tuple(tail), problem or (f"{argv[0]} exits with {code}" if code else ""))


def _wait(process: subprocess.Popen[bytes], command: Command) -> str:
    try:
        process.wait(command.timeout)
    except subprocess.TimeoutExpired:
        _stop(process)
        return f"{command.argv[0]} was not done after {command.timeout:g} s and was stopped"
    except BaseException:  # the module itself is told to end: so is what it started
        _stop(process)
        raise
    return ""


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)  # its session: nobody else's processes are in it
            process.wait(_GRACE)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        else:
            return


def _read(process: subprocess.Popen[bytes], tail: deque[str]) -> None:
    for line in process.stdout or ():
        tail.append(line.decode("utf-8", "replace").rstrip()[:_LONGEST_LINE])


def summary(command: Command, outcome: Outcome, about: str) -> str:
    """One sentence."""
    name = " ".join(_names(command.argv))
    if not outcome.problem:
        return f"{name} passed on {about} in {outcome.seconds:.1f} s"
    last = f": {outcome.output[-1]}" if outcome.output else ""
    return f"{name} failed on {about}: {outcome.problem}{last}"


def _names(argv: Sequence[str]) -> list[str]:
    """The program, and the script that an interpreter runs."""
    return [Path(word).name for word in argv[:2] if not word.startswith("-") and PLACE not in word]
