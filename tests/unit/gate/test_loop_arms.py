# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gate that compares two arms, from counters to its verdict."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.kinds import open_judges
from ansible_collections.slipway.rollout.plugins.module_utils.gate.loop import Loop, Timing
from ansible_collections.slipway.rollout.plugins.module_utils.gate.report import Reporter
from ansible_collections.slipway.rollout.plugins.module_utils.gate.results import result
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Reading
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.assessment import Errors

from tests.unit.gate.builders import FakeClock, ScriptedSource, errors, loop, reading, series

ARMS = {"stable": 180, "canary": 20}
PODS = {"stable": 3, "canary": 1}
SCRAPE = 15


def counters(arm: str) -> Counters:
    every = Selector.parse(f'requests_total{{arm="{arm}"}}')
    return Counters((every.where("status", "=", "500"),), (every,))


CHECK = errors(measure=counters("canary"), limit=1.0, judge="sequential", baseline=counters("stable"))


@dataclass
class Cluster:
    """Pods whose counters a server reads every 15 s, each at a moment of its own; 30 min before the gate began."""

    clock: FakeClock
    bad: dict[str, float]

    def __post_init__(self) -> None:
        random = np.random.default_rng(11)
        self.samples: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
        begun = self.clock.wall() - 1800
        for arm, rate in ARMS.items():
            for pod in range(PODS[arm]):
                sums = [0, 0]
                for n in range(400):
                    at = begun + SCRAPE * n + 4.1 * pod + (2.0 if arm == "canary" else 0.0)
                    every = random.poisson(rate / PODS[arm] * SCRAPE)
                    failed = random.binomial(every, self.bad[arm])
                    sums = [sums[0] + every - failed, sums[1] + failed]
                    for status, total in zip(("200", "500"), sums, strict=True):
                        self.samples.setdefault((arm, f"{arm}-{pod}", status), []).append((at, float(total)))

    def read(self) -> Reading:
        now = self.clock.wall()
        found = []
        for (arm, pod, status), samples in self.samples.items():
            seen = [one for one in samples if one[0] <= now]
            found.append(series(f'requests_total{{arm="{arm}",pod="{pod}",status="{status}"}}', *seen, target=pod))
        return reading(now, *found)


def watched(lines: list[str], since: float | None = None, **bad: float) -> tuple[Loop, Any]:
    """`since`: how many seconds before this gate users came on the release."""
    clock = FakeClock()
    source = ScriptedSource([Cluster(clock, bad).read])
    found = loop(CHECK, source=source, clock=clock, judge=open_judges([CHECK], Errors()), timing=Timing(5.0, 900.0),
                 reporter=Reporter(lines.append))  # fmt: skip
    found.since = None if since is None else clock.wall() - since
    return found, found.run(lambda: None)


def test_a_worse_release_is_taken_back_as_soon_as_the_evidence_suffices() -> None:
    lines: list[str] = []
    gate, ending = watched(lines, stable=0.01, canary=0.03)
    assert ending.verdict is Verdict.FAIL
    assert "times as often, where 1.25 may be; evidence against it" in ending.reason
    assert gate.clock.monotonic() - 1000.0 <= 150.0
    told = re.compile(r" %, stable \S+ % \(at most 1.25 times stable\), evidence against it")
    assert any(map(told.search, lines))
    evidence = result(ending, gate, None, None, 1.0).as_dict()["checks"][0]["evidence"]
    assert evidence["decision"] == "rollback"
    assert evidence["dispersion_origin"].startswith("30 min of 3 pods of the baseline")


def test_a_healthy_release_passes_before_time_is_up() -> None:
    gate, ending = watched([], stable=0.02, canary=0.02)
    assert ending.verdict is Verdict.PASS
    assert gate.clock.monotonic() - 1000.0 < 850.0


def test_a_later_stage_goes_on_from_what_earlier_ones_have_shown() -> None:
    """A gate that knows since when users were on the release decides at its first look what others need minutes for."""
    gate, _ending = watched([], stable=0.01, canary=0.03)
    first = gate.clock.monotonic() - 1000.0
    gate, ending = watched([], since=600.0, stable=0.01, canary=0.03)
    assert ending.verdict is Verdict.FAIL
    assert gate.clock.monotonic() - 1000.0 == 5.0 < first
    assessment = gate.watched[0].opinion.assessment
    assert assessment is not None
    assert assessment.dispersion is not None
    assert assessment.dispersion.origin == "20 min of 3 pods of the baseline"
    assert assessment.canary.total > 20 * 550


def test_pods_that_are_read_at_moments_of_their_own_are_compared_all_the_same() -> None:
    """Blocks end when all have been read again: about one for each scrape, though it looks three times as often."""
    gate, _ending = watched([], stable=0.0, canary=0.0)
    looks = [look for look in gate.watched[0].evidence.looks if look.read_at]
    assert looks
    assert all(len(look.read_at) == 4 for look in looks)


@pytest.mark.parametrize("arm", ["stable", "canary"])
def test_both_arms_are_asked_for(arm: str) -> None:
    gate, _ending = watched([], stable=0.0, canary=0.0)
    assert any(f'arm="{arm}"' in str(selector) for selector in gate.selectors())
