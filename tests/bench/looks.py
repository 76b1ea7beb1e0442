# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one look of a gate costs: wall time that it takes, CPU time that it burns."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from ansible_collections.slipway.rollout.plugins.module_utils.clock import SystemClock
from ansible_collections.slipway.rollout.plugins.module_utils.gate.increments import Increments
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.pods import Endpoint, pods_source
from ansible_collections.slipway.rollout.plugins.module_utils.gate.subject import PodGroup

from tests.integration.conftest import Lab
from tests.integration.shop import Shop

SELECTORS = [Selector.parse("http_requests_total"), Selector.parse("http_request_duration_seconds_bucket")]


@dataclass(frozen=True, slots=True)
class Look:
    """Medians of many looks, in milliseconds."""

    wall: float
    cpu: float


def looks(lab: Lab, shop: Shop, count: int = 40) -> dict[str, Look]:
    """Looks at the shop's pods, each way."""
    groups = [PodGroup(arm, shop.namespace, f"version={arm}") for arm in ("main", "canary")]
    found = {}
    for via in ("proxy", "direct"):
        source = pods_source(lab.cluster(), groups, SystemClock(), endpoint=Endpoint(via=via))
        increments = Increments()
        found[f"pods' metrics, {via}"] = _measure(
            lambda source=source, inc=increments: inc.add(source.read(SELECTORS)), count
        )
    return found


def _measure(look: Callable[[], object], count: int) -> Look:
    look()  # the first one lists pods and opens connections
    walls, cpus = [], []
    for _turn in range(count):
        wall, cpu = time.perf_counter(), time.process_time()
        look()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        time.sleep(0.05)
    return Look(1000 * median(walls), 1000 * median(cpus))
