# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every long-lived component that runs on the machine itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lab.config import Config
from lab.unit import Unit
from lab.units import control_plane, node, services
from lab.units.services import metrics_server

__all__ = ["declared", "metrics_server"]


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
