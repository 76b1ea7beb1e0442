# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module costs before it does anything: imports, by who they belong to."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

OURS = "ansible_collections.slipway.rollout.plugins.modules"
_LINE = re.compile(r"import time:\s*(\d+) \|\s*\d+ \|\s*(\S+)")
# What no switch of weights needs by itself. (kubernetes.core's authentication brings kubernetes.dynamic along.)
NEEDLESS = (
    "ansible_collections.slipway.rollout.plugins.module_utils.gate",
    "jmespath",
    "kubernetes.dynamic",
    "openshift",
)


@dataclass(frozen=True, slots=True)
class Start:
    """Import times in milliseconds by owner, and those imports that should not be there."""

    milliseconds: dict[str, float]
    needless: list[str]

    @property
    def total(self) -> float:
        return sum(self.milliseconds.values())


def start(module: str, kubeconfig: Path, runs: int = 5) -> Start:
    """The quickest of some starts of our module up to an open connection's client, without a request."""
    code = (
        f"import {OURS}.{module} as m\n"
        "from ansible_collections.slipway.rollout.plugins.module_utils.connection import connect\n"
        f"connect({{'kubeconfig': {str(kubeconfig)!r}}})"
    )
    return min((_once(code) for _run in range(runs)), key=lambda one: one.total)


def _once(code: str) -> Start:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    by_owner: dict[str, float] = defaultdict(float)
    needless = set()
    for line in done.stderr.splitlines():
        found = _LINE.match(line)
        if found:
            by_owner[_owner(found.group(2))] += int(found.group(1)) / 1000
            needless |= {name for name in NEEDLESS if found.group(2).startswith(name)}
    return Start(dict(sorted(by_owner.items(), key=lambda pair: -pair[1])), sorted(needless))


def _owner(module: str) -> str:
    root = module.split(".")[0]
    if module.startswith("ansible_collections.slipway"):
        return "slipway.rollout"
    if module.startswith("ansible_collections.kubernetes"):
        return "kubernetes.core"
    if root in sys.stdlib_module_names:
        return "Python itself"
    if root == "kubernetes":
        return "kubernetes library"
    return "ansible-core" if root in ("ansible", "ansible_collections") else "urllib3, yaml and others"
