# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tells the module of the same name which run it is called by, and leaves a keeper behind when a rollout is opened.

Only the machine where the playbook runs knows the run, and sees it end.
"""

from __future__ import annotations

import getpass
import os
import socket
import uuid
from pathlib import Path
from typing import Any

from ansible import constants as C  # noqa: N812 - as all of Ansible calls it
from ansible.plugins.action import ActionBase

from ..module_utils.clock import SystemClock
from ..module_utils.connection import connect
from ..module_utils.rollout.fence import Lock
from ..module_utils.rollout.holder import forked_by, process_mark
from ..module_utils.rollout.keeper import keep
from ..module_utils.rollout.ledger import Ledger
from ..module_utils.rollout.undo import put_back

# Where AWX and its relatives say which job this is.
_JOBS = ("awx_job_id", "tower_job_id")


class ActionModule(ActionBase):
    """Runs the module with the option `run` filled in."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        if os.getppid() != forked_by():
            return result | {"failed": True, "msg": "The run that this task belongs to has died. Nothing was done."}
        task_vars = task_vars or {}
        arguments = {"run": _this_run(task_vars)} | dict(self._task.args)
        ran: dict[str, Any] = self._execute_module(module_args=arguments, task_vars=task_vars)
        if self._keeps(arguments, ran):
            ran["keeper"] = self._keeper(arguments)
        return result | ran

    def _keeps(self, arguments: dict[str, Any], ran: dict[str, Any]) -> bool:
        """Only from the machine and as the user that reaches the cluster."""
        here = self._connection.transport == "local" and not self._play_context.become
        opened = arguments.get("state") == "open" and arguments.get("undo") and not ran.get("failed")
        holds = (arguments.get("lock") or {}).get("holder") and arguments["run"]["process"]
        return bool(here and opened and holds and not self._task.check_mode)

    def _keeper(self, arguments: dict[str, Any]) -> dict[str, Any]:
        told = Path(C.DEFAULT_LOCAL_TMP) / f"keeper-{uuid.uuid4().hex}"

        def act() -> str:
            lock, clock = Lock.parse(arguments["lock"]), SystemClock()
            cluster = connect(arguments)
            return put_back(cluster, Ledger(cluster, lock.names), lock.holder, clock)

        return {"pid": keep(arguments["run"]["process"], act, told), "told": str(told)}


def _this_run(task_vars: dict[str, Any]) -> dict[str, str]:
    pid = forked_by()  # each task has a process of its own
    mark = process_mark(pid)
    number = f"{pid}.{mark.rpartition('/')[2]}" if mark else str(pid)
    host = task_vars.get("inventory_hostname", "localhost")
    job = next((f", job {task_vars[name]}" for name in _JOBS if task_vars.get(name)), "")
    doing = f"{task_vars.get('ansible_play_name') or 'a playbook'} for {host}{job}"
    return {"holder": f"{_user()}@{socket.gethostname()} run {number} {host}", "doing": doing, "process": mark}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
