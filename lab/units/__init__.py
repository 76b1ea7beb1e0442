# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every long-lived component that runs on the machine itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from lab.config import Config
from lab.unit import Unit
from lab.units import control_plane, node, services
from lab.units.services import metrics_server

__all__ = ["declared", "everything", "metrics_server"]


def declared(config: Config, programs: Mapping[str, Path]) -> tuple[Unit, ...]:
    """In the order in which they start. `programs`: where each program that was built lies."""
    return (
        control_plane.etcd(config),
        services.registry(config, programs),
        node.containerd(config),
        control_plane.apiserver(config, programs),
        control_plane.controller_manager(config, programs),
        control_plane.scheduler(config, programs),
        node.kubelet(config, programs),
        node.proxy(config, programs),
        services.istiod(config, programs),
        services.prometheus(config, programs),
    )


def everything(config: Config) -> tuple[Unit, ...]:
    """Also what runs only when it is asked for; not to be started from here, since nothing says where programs lie."""
    nowhere: dict[str, Path] = defaultdict(Path)
    return (*declared(config, nowhere), metrics_server(config, nowhere))
