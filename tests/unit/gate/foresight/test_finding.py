# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is foretold of a gate beside what its processes do in simulation, with a fixed seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf, isinf

import numpy as np
import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events, Margins
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.finding import (
    Stage,
    found,
    passed,
    smallest,
    time_to_find,
    time_to_pass,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.growth import Stream
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.limit import LimitProcess
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.ratio import Arms, RatioProcess

RUNS = 150
Process = RatioProcess | LimitProcess


def simulated(
    open_one: Callable[[], Process], stream: Stream, ratio: float, share: float, foretold: float
) -> list[float]:
    """When each of RUNS streams decides; four times what was foretold for those that have not by then."""
    random = np.random.default_rng(6)
    look = max(1.0, foretold / 60)
    level = stream.errors.rollback_at if ratio > 1 else stream.errors.promote_at
    times = []
    for _run in range(RUNS):
        process, time = open_one(), 4 * foretold
        mine = random.poisson(stream.rate * share * look, 240)
        theirs = random.poisson(stream.rate * (1 - share) * look, 240)
        bad, usual = random.binomial(mine, stream.base * ratio), random.binomial(theirs, stream.base)
        for place in range(240):
            canary, baseline = Events(bad[place], mine[place]), Events(usual[place], theirs[place])
            process.add(Arms(canary, baseline), stream.dispersion)
            if process.mixture.peak >= level:
                time = (place + 1) * look
                break
        times.append(time)
    return times


def opener(stream: Stream, ratio: float) -> Callable[[], Process]:
    if stream.judge == "slo":
        return lambda: LimitProcess.above(stream.limit) if ratio > 1 else LimitProcess.below(stream.limit)
    return lambda: RatioProcess.rollback(1.25) if ratio > 1 else RatioProcess.promote(1.5)


@pytest.mark.parametrize(
    ("stream", "share", "ratio"),
    [
        (Stream("sequential", 50.0, 0.001), 0.1, 5.0),
        (Stream("sequential", 50.0, 0.01), 0.1, 2.0),
        (Stream("sequential", 500.0, 0.01), 0.1, 2.0),
        (Stream("sequential", 50.0, 0.01), 0.5, 2.0),
        (Stream("sequential", 500.0, 0.01), 0.1, 1.0),
        (Stream("slo", 200.0, 0.005, limit=0.01), 0.1, 4.0),
        (Stream("slo", 200.0, 0.005, limit=0.01), 0.1, 1.0),
    ],
)
def test_times_and_probabilities_are_those_of_the_simulation(stream: Stream, share: float, ratio: float) -> None:
    foretold = time_to_find(stream, ratio, share) if ratio > 1 else time_to_pass(stream, share)
    times = simulated(opener(stream, ratio), stream, ratio, share, foretold)
    assert foretold == pytest.approx(float(np.mean(times)), rel=0.2)
    for quantile in (0.5, 0.8, 0.95):
        stages = [Stage(share, float(np.quantile(times, quantile)))]
        chance = found(stream, ratio, stages) if ratio > 1 else passed(stream, ratio, stages)
        assert chance == pytest.approx(quantile, abs=0.18)


def test_evidence_adds_up_over_stages_of_other_shares() -> None:
    stream = Stream("sequential", 50.0, 0.01)
    half = [Stage(0.1, 300.0)]
    assert found(stream, 2.0, half * 2) == pytest.approx(found(stream, 2.0, [Stage(0.1, 600.0)]))
    assert found(stream, 2.0, [*half, Stage(0.5, 300.0)]) > found(stream, 2.0, half * 2)
    assert found(stream, 2.0, []) == 0.0


def test_with_little_traffic_a_doubling_is_not_found_within_an_hour() -> None:
    """2.5 canary requests a second, of which one in a thousand fails."""
    stream = Stream("sequential", 25.0, 0.001)
    assert found(stream, 2.0, [Stage(0.1, 3600.0)]) < 0.2
    assert time_to_find(stream, 2.0, 0.1) > 3 * 3600
    assert smallest(stream, 0.8, [Stage(0.1, 3600.0)]) > 3


@pytest.mark.parametrize("judge", ["latency", "sequential", "slo", "threshold"])
def test_the_smallest_is_found_with_just_that_probability(judge: str) -> None:
    stream = Stream(judge, 100.0, 0.005, 1.5, Margins(1.1, 1.5), limit=0.01)
    stages = [Stage(0.2, 600.0)]
    ratio = smallest(stream, 0.8, stages)
    assert found(stream, ratio, stages) == pytest.approx(0.8, abs=0.01)
    assert smallest(stream, 0.95, stages) > ratio
    assert isinf(smallest(stream, 0.8, [Stage(0.01, 1.0)]))


def test_a_limit_finds_what_breaks_it() -> None:
    stream = Stream("threshold", 100.0, 0.005, limit=0.01)
    stages = [Stage(0.1, 600.0)]
    assert found(stream, 1.0, stages) < 0.001 < 0.99 < found(stream, 4.0, stages)
    assert time_to_find(stream, 1.5, 0.1) == inf
    assert time_to_find(stream, 20.0, 0.1) < time_to_find(stream, 4.0, 0.1) < 600
    assert (time_to_pass(stream, 0.1), passed(stream, 1.0, stages)) == (inf, 0.0)
    none = replace(stream, base=0.0)
    assert found(none, 2.0, stages) == 0.0
