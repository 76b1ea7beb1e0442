# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role provision_terraform run for real, on a root module of a test's own, with its state in the lab's cluster."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.integration.playbook import Run

ROOT = Path(__file__).resolve().parents[2]
PLAY = """
- name: Provision
  hosts: all
  gather_facts: false
  roles: [slipway.rollout.provision_terraform]
  post_tasks:
    - name: Show what later tasks get
      ansible.builtin.debug: {msg: "OUTPUTS={{ provision_terraform_outputs | default({}) | to_json }}"}
"""
# Runs the real program, and writes down what everybody could see of it.
WITNESS = """#!/bin/sh
printf '%s\\n' "$*" >> "$0.log"
for word; do
  case "$word" in -var-file=*) stat -c 'mode %a' "${word#-var-file=}" >> "$0.log" ;; esac
done
exec PROGRAM "$@"
"""


def program() -> str:
    """Terraform or OpenTofu, whichever is there, as the role looks for it."""
    found = shutil.which("terraform") or shutil.which("tofu")
    if found is None:
        pytest.skip("NOT RUN: neither terraform nor tofu is on PATH, so nothing of Terraform was tested")
    return found


@dataclass(frozen=True)
class Project:
    """A folder with a root module, and the play that provisions it."""

    folder: Path
    kubeconfig: Path
    namespace: str
    secrets: Mapping[str, str]
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kept(self) -> Path:
        return self.folder / ".terraform" / "slipway" / "lab"

    def run(self, variables: Mapping[str, Any], *options: str, **settings: Any) -> Run:
        """Settings are those of the role, without their `slipway_terraform_`."""
        own = {"project": str(self.folder), "variables": variables, "secrets": self.secrets}
        own |= {"backend": {"secret_suffix": "app", "namespace": self.namespace, "config_path": str(self.kubeconfig)}}
        known = {f"slipway_terraform_{name}": value for name, value in {**own, **self.settings, **settings}.items()}
        known |= {"slipway_namespace": self.namespace, "slipway_app": "shop"}
        known |= {"slipway_cluster": {"kubeconfig": str(self.kubeconfig)}, "ansible_connection": "local"}
        known |= {"ansible_python_interpreter": sys.executable}
        inventory = self.folder.parent / f"{self.folder.name}.json"
        inventory.write_text(json.dumps({"all": {"hosts": {"lab": known}}}))
        inventory.chmod(0o600)
        book = inventory.with_suffix(".yml")
        book.write_text(PLAY)
        done = subprocess.run(
            [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(inventory), str(book), *options],
            cwd=ROOT,
            env=os.environ | {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Run(done.returncode, done.stdout + done.stderr)

    def witness(self) -> Path:
        """A program to name in `binary`, with what was seen of it beside it in `.log`."""
        script = self.folder.parent / "witness"
        script.write_text(WITNESS.replace("PROGRAM", program()))
        script.chmod(0o755)
        return script
