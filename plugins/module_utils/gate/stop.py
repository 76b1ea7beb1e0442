# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Being told to stop: the gate must still put the route back."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody wants this process to end. Not an Exception, so that no code on the way takes it for a failure."""


class Stop:
    """Turns the first signal into Stopped, until `deafen` is called: what comes after must not be interrupted.

    Python drops what is raised while it clears up an object; so the signal is remembered, and `check` raises it again.
    A gate whose caller has died is stopped too: nobody would hear what it finds, or see that traffic is still split.
    The caller is this process's parent, and whoever keeps the file `sign` in place.
    """

    def __init__(self, sign: str | None = None) -> None:
        self._parent = os.getppid()
        self._sign = Path(sign) if sign and Path(sign).exists() else None
        self._deaf = False
        self._holding = False
        self._told = ""

    def deafen(self) -> None:
        self._deaf = True

    def check(self) -> None:
        """Raises Stopped after a signal, or when whoever started this process is gone."""
        if self._deaf:
            return
        if self._told:
            raise Stopped(self._told)
        if os.getppid() != self._parent or (self._sign is not None and not self._sign.exists()):
            raise Stopped("the process that started the gate has ended")

    def hear(self, number: int, _frame: FrameType | None) -> None:
        if self._deaf or self._told:
            return  # a second signal on its heels must not interrupt what the first one has begun
        self._told = f"the gate was told to stop ({signal.Signals(number).name})"
        if not self._holding:
            raise Stopped(self._told)

    @contextmanager
    def holding(self) -> Iterator[None]:
        """A signal that comes inside is raised at the end, unless there is an error: for a write, whose outcome must be
        known before anything is taken back.
        """
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._told:
            self.check()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Signals are heard inside. Outside the main thread there are none to hear."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.hear) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
