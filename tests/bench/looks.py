# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one look of metric_gate costs: the time that it takes, and the CPU time that it burns."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.slipway.rollout.plugins.module_utils.clock import SystemClock
from ansible_collections.slipway.rollout.plugins.module_utils.gate.assemble import open_gate
from ansible_collections.slipway.rollout.plugins.module_utils.gate.options import GATE_SPEC
from ansible_collections.slipway.rollout.plugins.module_utils.gate.stop import Stop

from tests.integration.conftest import Lab
from tests.integration.shop import Shop

CHECKS = [
    {"name": "errors", "template": "error_rate", "max": 1.0},
    {"name": "slow", "template": "latency", "bound": 0.25, "max": 1.0},
]


@dataclass(frozen=True, slots=True)
class Look:
    """Medians of many looks, in milliseconds."""

    wall: float
    cpu: float


@dataclass
class TimingClock(SystemClock):
    """A look is what happens between two sleeps of the gate's loop."""

    walls: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)
    _woken: tuple[float, float] | None = None

    def sleep(self, seconds: float) -> None:
        if self._woken:
            self.walls.append(time.perf_counter() - self._woken[0])
            self.cpus.append(time.process_time() - self._woken[1])
        super().sleep(seconds)
        self._woken = time.perf_counter(), time.process_time()

    def look(self) -> Look:
        return Look(1000 * median(self.walls), 1000 * median(self.cpus))


def looks(lab: Lab, shop: Shop, count: int = 40) -> dict[str, Look]:
    """The gate's own loop, error rate and latency of two arms, at four looks a second, over each kind of source."""
    sources: dict[str, dict[str, Any]] = {
        "pods' metrics through the API server": {"type": "pods", "via": "proxy"},
        "pods' metrics directly": {"type": "pods", "via": "direct"},
        "Prometheus": {"type": "prometheus", "url": lab.prometheus_url},
    }
    return {name: _measure(lab, shop, source, count) for name, source in sources.items()}


def _measure(lab: Lab, shop: Shop, source: dict[str, Any], count: int) -> Look:
    given = {
        "namespace": shop.namespace,
        "subject": {arm: f"app=continual-transformer,version={arm}" for arm in ("main", "canary")},
        "source": source,
        "checks": [{**check, "arm": "canary"} for check in CHECKS],
        "interval": 0.25,
        "count": count,
    }
    checked = ArgumentSpecValidator(GATE_SPEC).validate(given)
    assert not checked.error_messages, checked.error_messages
    clock = TimingClock()
    gate = open_gate(checked.validated_parameters, lab.cluster, clock, lambda line: None, Stop())
    ending = gate.loop.run(lambda: None)
    assert gate.loop.looks == count, ending
    return clock.look()
