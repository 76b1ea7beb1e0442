# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shows what metric_gate sees while it runs.

The module appends a line per look to a file; this plugin reads the file while the module runs, from the same disk where
that is possible and else over the task's connection, and removes it afterwards. Only the module asks the cluster.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import Any

from ansible import constants as C  # noqa: N812 - as all of Ansible calls it
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.rollout.holder import forked_by

# Seconds between reads: of a local file, and over a connection.
NEAR = 0.1
FAR = 1.0
# Output that a program reads must not have lines of ours in it.
_FOR_PROGRAMS = ("json", "jsonl")
_COLOURS = (
    ("PASS", C.COLOR_OK),
    ("FAIL", C.COLOR_ERROR),
    ("THE ROUTE", C.COLOR_ERROR),
    ("INCONCLUSIVE", C.COLOR_WARN),
    ("PAUSED", C.COLOR_WARN),
)

Read = Callable[[int], bytes]


class ActionModule(ActionBase):
    """Runs the module of the same name; without this plugin the module does the same in silence."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        arguments = dict(self._task.args)
        show = _Show(str(task_vars.get("inventory_hostname", "localhost")))
        ran: dict[str, Any]
        if self._task.async_val or not self._wanted(arguments):
            ran = self._execute_module(
                module_args=arguments, task_vars=task_vars, wrap_async=bool(self._task.async_val)
            )
        elif self._connection.transport == "local" and not self._play_context.become:
            ran = self._near(arguments, task_vars, show)
        else:
            ran = self._far(arguments, task_vars, show)
        for line in ran.get("plan") or () if self._wanted(arguments) else ():
            show.line(line)
        return result | ran

    def _wanted(self, arguments: dict[str, Any]) -> bool:
        callback = str(C.config.get_config_value("DEFAULT_STDOUT_CALLBACK")).rpartition(".")[2]
        asked = boolean(arguments.get("progress", True), strict=False)
        return asked and not self._task.no_log and callback not in _FOR_PROGRAMS

    def _near(self, arguments: dict[str, Any], task_vars: dict[str, Any], show: _Show) -> dict[str, Any]:
        """The module writes to a disk that is ours as well."""
        with tempfile.TemporaryDirectory(prefix="gate-", dir=C.DEFAULT_LOCAL_TMP, ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "progress"
            path.touch()
            # Should the play be killed, this process lives on as an orphan, and the gate must hear of it.
            parent = forked_by()

            def read(offset: int) -> bytes:
                if os.getppid() != parent:
                    shutil.rmtree(folder, ignore_errors=True)
                with path.open("rb") as file:
                    file.seek(offset)
                    return file.read()

            return self._shown(arguments | {"progress_file": str(path)}, task_vars, show, read, NEAR)

    def _far(self, arguments: dict[str, Any], task_vars: dict[str, Any], show: _Show) -> dict[str, Any]:
        """The module writes to another machine, or as another user: into the task's own temporary folder there."""
        shell = self._connection._shell
        if shell.tmpdir is None:
            self._make_tmp_path()
        path = self._transfer_data(shell.join_path(shell.tmpdir, "progress"), "")
        self._fixup_perms2((shell.tmpdir, path))
        if self._play_context.become:
            self._remote_chmod((path,), "a+rw")

        def read(offset: int) -> bytes:
            code, out, _err = self._connection.exec_command(f"tail -c +{offset + 1} {quote(path)}", sudoable=False)
            return bytes(out) if code == 0 else b""

        return self._shown(arguments | {"progress_file": path}, task_vars, show, read, FAR)

    def _shown(
        self, arguments: dict[str, Any], task_vars: dict[str, Any], show: _Show, read: Read, pause: float
    ) -> dict[str, Any]:
        """Run the module here, where Ansible expects it, and read its lines in a thread beside it."""
        tail = _Tail(read, show.line)
        done = threading.Event()

        def follow() -> None:
            while not done.wait(pause):
                tail.read()

        thread = threading.Thread(target=follow, daemon=True)
        thread.start()
        try:
            ran: dict[str, Any] = self._execute_module(module_args=arguments, task_vars=task_vars)
        finally:
            done.set()
            thread.join(10)
            tail.read()
        invocation = ran.get("invocation", {}).get("module_args", {})
        invocation.pop("progress_file", None)
        return ran


class _Tail:
    """Hands on each whole line once. A read that fails is tried again at the next: progress is a courtesy."""

    def __init__(self, read: Read, hand_on: Callable[[str], None]) -> None:
        self._read = read
        self._hand_on = hand_on
        self._offset = 0

    def read(self) -> None:
        try:
            found = self._read(self._offset)
        except Exception:
            return
        whole = found[: found.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.decode("utf-8", "replace").splitlines():
            self._hand_on(line)


class _Show:
    """Writes lines for people: Display finds its way from a worker to the terminal, and into AWX."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._display = Display()

    def line(self, text: str) -> None:
        colour = next((colour for start, colour in _COLOURS if text.startswith(start)), None)
        self._display.display(f"[{self._host}] {text}", color=colour)
