# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lab keeps things, and its fixed addresses."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

NODE = "lab"
NODE_ADDRESS = "10.88.0.1"
POD_NETWORK = "10.244.0.0/16"
NETWORK = "slipway-lab"
SERVICE_NETWORK = "10.96.0.0/16"
API_SERVICE = "10.96.0.1"
DNS_SERVICE = "10.96.0.10"
REGISTRY = "localhost:5000"
PROMETHEUS = "http://127.0.0.1:9091"
ENVOY_ADMIN = "http://127.0.0.1:15000"
GATEWAY_PORTS = (8088, 8089, 15000)

# One lab a machine: ports, addresses and this folder are the machine's, whichever checkout the lab belongs to.
MACHINE = Path("/run/slipway-lab")
LOCK = Path("/run/slipway-lab.lock")

SYSTEM_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


class LabError(Exception):
    """What went wrong and what to do, for a person."""


@dataclass(frozen=True, slots=True)
class Config:
    """Folders of one checkout's lab."""

    root: Path
    cache: Path

    @classmethod
    def here(cls) -> Config:
        """The checkout that this file belongs to, and the cache that SLIPWAY_CACHE names."""
        cache = os.environ.get("SLIPWAY_CACHE") or Path.home() / ".cache" / "slipway"
        return cls(Path(__file__).resolve().parent.parent, Path(cache))

    @property
    def state(self) -> Path:
        return self.root / "build" / "lab"

    @property
    def pki(self) -> Path:
        return self.state / "pki"

    @property
    def logs(self) -> Path:
        return self.state / "log"

    @property
    def pids(self) -> Path:
        return self.state / "pid"

    @property
    def kubeconfig(self) -> Path:
        return self.state / "kubeconfig"

    @property
    def images(self) -> Path:
        return self.state / "images.json"

    def kubeconfig_of(self, user: str) -> Path:
        return self.kubeconfig if user == "admin" else self.state / f"{user}.kubeconfig"
