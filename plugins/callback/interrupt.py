# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
name: interrupt
type: notification
short_description: Put users back before an interrupted playbook ends
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - When the playbook is interrupted (Ctrl-C, SIGINT, SIGTERM), waits until the users of every rollout that is open are
    back on the version that was live, and says so.
  - The collection's own playbooks have it switched on. Elsewhere add C(slipway.rollout.interrupt) to
    C(callbacks_enabled) in C(ansible.cfg). Without it users are put back all the same, a moment after the playbook has
    ended.
"""

import atexit
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

_LONGEST = 30.0  # seconds that an interrupted playbook may still take
_ACTIONS = ("slipway.rollout.rollout", "rollout")


class _Interrupt:
    """One per process, however often the plugin is loaded."""

    def __init__(self) -> None:
        self.keepers: dict[int, Path] = {}
        self.by = 0
        self._display: Any = None

    def listen(self, display: Any) -> None:
        if self._display is not None:
            return
        self._display = display
        interrupt = signal.getsignal(signal.SIGINT)

        def hear(number: int, frame: Any) -> None:
            self.by = self.by or number
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            # Ansible ends in order after SIGINT only.
            interrupt(signal.SIGINT, frame) if callable(interrupt) else signal.default_int_handler(number, frame)

        signal.signal(signal.SIGINT, hear)
        signal.signal(signal.SIGTERM, hear)
        atexit.register(self.end, os.getpid())

    def end(self, pid: int) -> None:
        if not self.by or pid != os.getpid():
            return
        for keeper, told in self.keepers.items():
            with suppress(OSError):
                os.kill(keeper, signal.SIGUSR1)
            self._wait(keeper)
            with suppress(OSError):
                said = told.read_text(encoding="utf-8")
                if said:
                    self._display.display(f"Interrupted. {said}")
        if self.by == signal.SIGTERM:
            # Whoever sent it sees that it was obeyed.
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.kill(pid, signal.SIGTERM)

    @staticmethod
    def _wait(keeper: int) -> None:
        until = time.monotonic() + _LONGEST
        # It is no child of this process, so there is nothing to wait on but its entry.
        while Path(f"/proc/{keeper}").exists() and time.monotonic() < until:
            time.sleep(0.05)


_INTERRUPT = _Interrupt()


class CallbackModule(CallbackBase):
    """Remembers the keeper of each rollout that was opened."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "slipway.rollout.interrupt"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _INTERRUPT.listen(self._display)

    def v2_runner_on_ok(self, result: Any) -> None:
        if result._task.action in _ACTIONS and isinstance(result._result.get("keeper"), dict):
            keeper = result._result["keeper"]
            _INTERRUPT.keepers[keeper["pid"]] = Path(keeper["told"])
