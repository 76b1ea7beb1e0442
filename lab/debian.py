# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Debian packages that the lab stands on, installed where they are missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from lab.config import SYSTEM_PATH, LabError

INSTEAD = "With a cluster of your own you need no lab: KUBECONFIG=~/.kube/config make demo"
POLICY = Path("/usr/sbin/policy-rc.d")
OURS = "#!/bin/sh\n# of the Slipway lab, while it installs packages\nexit 101\n"


def needs_root() -> None:
    if os.geteuid() != 0:
        raise LabError(f"The lab needs root: it makes network namespaces and mounts. {INSTEAD}")


def ensure(commands: Mapping[str, str]) -> list[str]:
    """Install what `commands` (a command that shows it = package) lacks, say so, and return the packages."""
    missing = sorted({package for command, package in commands.items() if not _there(command)})
    if not missing:
        return []
    if not shutil.which("apt-get"):
        raise LabError(f"The lab needs {', '.join(missing)}, and installs them on Debian only. {INSTEAD}")
    print(f"lab: installing the Debian packages {' '.join(missing)}", flush=True)
    made = _no_services()
    try:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run(("dpkg", "--configure", "-a"), environment)  # an installation that was killed must be finished first
        _run(("apt-get", "update", "-qq"), environment)
        _run(("apt-get", "install", "-qq", "--yes", "--no-install-recommends", *missing), environment)
    finally:
        if made:
            POLICY.unlink(missing_ok=True)
    return missing


def _there(command: str) -> bool:
    return Path(command).exists() if command.startswith("/") else shutil.which(command, path=SYSTEM_PATH) is not None


def _no_services() -> bool:
    """Debian starts a service when its package is installed; the lab starts its own. True when the policy is ours.

    It is also ours when an earlier run was killed before it took it away.
    """
    if POLICY.exists() and POLICY.read_text() != OURS:
        return False
    POLICY.write_text(OURS)
    POLICY.chmod(0o755)
    return True


def _run(command: tuple[str, ...], environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"{' '.join(command)} failed:\n{(done.stderr or done.stdout)[-1500:]}")
