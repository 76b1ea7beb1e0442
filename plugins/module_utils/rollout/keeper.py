# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A process that outlives the run: when the run ends with its rollout open, users are put back at once.

It begins as a fork of the process that opened the rollout, in a session of its own, so that whatever ends the run does
not end it as well. It looks whether the run lives, and asks the cluster nothing until it does not.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

from .holder import is_gone

LOOK = 0.1  # seconds between two looks
TRIES = 30  # of putting users back, when the cluster does not answer
PAUSE = 2.0  # seconds between them


def keep(run: str, act: Callable[[], str], told: Path) -> int:
    """Start the keeper of a run, which is named by its process mark; its PID.

    `act` puts users back and says so; it is called once the run has ended, or the keeper gets SIGUSR1. What came of it
    is written to the file `told`, if its folder is still there.
    """
    reader, writer = os.pipe()
    first = os.fork()
    if first == 0:
        # A grandchild has no parent that would have to wait for it.
        second = os.fork()
        if second:
            os.write(writer, str(second).encode())
            os._exit(0)
        with suppress(BaseException):
            os.close(reader)
            os.close(writer)
            _detach()
            _watch(run, act, told)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        pid = int(answer.read() or 0)
    os.waitpid(first, 0)
    return pid


def _detach() -> None:
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)  # whoever reads the run's output must see its end
    os.closerange(3, 1024)


def _watch(run: str, act: Callable[[], str], told: Path) -> None:
    asked: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    signal.signal(signal.SIGUSR1, hear)
    while not asked and not is_gone(run):
        time.sleep(LOOK)
    for attempt in range(TRIES):
        try:
            said = act()
        except Exception as error:  # whatever it is, users may still be on a release that nobody watches
            said = f"NOT CERTAIN: {error}"
            _tell(told, said)
            time.sleep(PAUSE if attempt else LOOK)
            continue
        _tell(told, said)
        return


def _tell(told: Path, said: str) -> None:
    with suppress(OSError):
        told.write_text(said, encoding="utf-8")
