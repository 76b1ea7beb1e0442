# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run for real: in this process for speed, or by `ansible` as users do."""

from __future__ import annotations

import importlib
import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

PREFIX = "ansible_collections.slipway.rollout.plugins.modules"


def run_module(name: str, params: dict[str, Any], *, check_mode: bool = False, diff: bool = True) -> dict[str, Any]:
    """main() of the module, its arguments checked and its result parsed as Ansible does it."""
    main = importlib.import_module(f"{PREFIX}.{name}").main
    out, err = io.StringIO(), io.StringIO()
    args = {**params, "_ansible_check_mode": check_mode, "_ansible_diff": diff}
    with patch_module_args(args), redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main()
    result: dict[str, Any] = json.loads(out.getvalue())
    assert (ended.value.code != 0) == bool(result.get("failed")), result
    return result


def run_ansible(name: str, params: dict[str, Any], *options: str) -> dict[str, Any]:
    """`ansible localhost -m slipway.rollout.<name>` in a process of its own."""
    program = Path(sys.executable).with_name("ansible")
    done = subprocess.run(
        [str(program), "localhost", "-m", f"slipway.rollout.{name}", "-a", json.dumps(params), *options],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={
            "PATH": f"{program.parent}:/usr/bin:/bin",
            "HOME": str(Path.home()),
            "ANSIBLE_LOAD_CALLBACK_PLUGINS": "true",
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        },
    )
    start = done.stdout.find("{")
    assert start >= 0, done.stdout + done.stderr
    report = json.loads(done.stdout[start:])
    result: dict[str, Any] = report["plays"][0]["tasks"][0]["hosts"]["localhost"]
    return result


def run_tasks(tasks: list[dict[str, Any]], kubeconfig: Path, folder: Path) -> list[dict[str, Any]]:
    """Tasks as users write them, in a play of their own with the cluster as a default; the result of each."""
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/slipway.rollout.slipway": {"kubeconfig": str(kubeconfig)}},
        "tasks": tasks,
    }
    book = folder / "tasks.yml"
    book.write_text(json.dumps([play]))
    program = Path(sys.executable).with_name("ansible-playbook")
    environment = {
        "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    done = subprocess.run(
        [str(program), "-i", "localhost,", "-c", "local", str(book)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout[done.stdout.index("{") :])
    return [task["hosts"]["localhost"] for task in report["plays"][0]["tasks"]]
