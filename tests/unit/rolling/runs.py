# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rollouts on a workload in memory: time passes as fast as threads let it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import POD
from ansible_collections.slipway.rollout.plugins.module_utils.gate.options import GATE_SPEC
from ansible_collections.slipway.rollout.plugins.module_utils.gate.stop import Stop
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.assemble import open_roll, open_undo
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.options import ROLL_SPEC
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.roll import Roll
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.undo import Undo

from tests.unit.rolling.world import NAME, NAMESPACE, NEW, World
from tests.unit.traffic.fake_api import FakeClock

ERRORS = {"name": "errors", "template": "error_rate", "max": 0.01}
PODS = {name: spec.get("default") for name, spec in GATE_SPEC["source"]["options"].items()} | {
    "type": "pods",
    "port": 1,
}


@dataclass
class Hasty(FakeClock):
    """Lets other threads run whenever somebody sleeps."""

    def sleep(self, seconds: float) -> None:
        time.sleep(0.0005)
        super().sleep(seconds)


@dataclass
class Quick:
    """Changes that come at once."""

    clock: FakeClock

    def wait(self, seconds: float) -> None:
        self.clock.sleep(min(seconds, 0.5))


@dataclass
class Run:
    """`requests` are counted by each pod per second; of those of the image `failing` a third fails."""

    world: World
    failing: str = ""
    requests: int = 50
    said: list[str] = field(default_factory=list)
    stop: Stop = field(default_factory=Stop)

    def __post_init__(self) -> None:
        self.world.clock = Hasty()
        self.world.sees = self._count

    def params(self, **changes: Any) -> dict[str, Any]:
        defaults = {name: spec.get("default") for name, spec in ROLL_SPEC.items()}
        wanted = {"kind": self.world.kind, "name": NAME, "namespace": NAMESPACE, "container": "app", "image": NEW}
        return {**defaults, **wanted, "release": "shop:2", "duration": 3.0, "timeout": 60.0, "interval": 0.5, **changes}

    def open(self, **changes: Any) -> Roll:
        params = self.params(**changes)
        roll = open_roll(params, self.world.cluster(), self.world.clock, self.said.append, self.stop)
        roll.watch.watcher = roll.undo.watcher = lambda _cluster, _workload, clock: Quick(clock)
        return roll

    def open_undo(self, **changes: Any) -> Undo:
        undo = open_undo(self.params(**changes), self.world.cluster(), self.world.clock, self.said.append)
        undo.watcher = lambda _cluster, _workload, clock: Quick(clock)
        return undo

    def _count(self) -> None:
        seconds = self.world.clock.now - 1000.0
        for pod in self.world.pods():
            name, image = pod["metadata"]["name"], pod["spec"]["containers"][0]["image"]
            bad = int(seconds * self.requests / 3) if image == self.failing else 0
            good = int(seconds * self.requests) - bad
            page = f'http_requests_total{{status="200"}} {good}\nhttp_requests_total{{status="500"}} {bad}\n'
            self.world.store.raw[f"{POD.path(NAMESPACE, f'{name}:1', 'proxy')}/metrics"] = (200, page.encode())
