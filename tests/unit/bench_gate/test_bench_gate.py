# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bench computes for many runs at once is what the judges compute for one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events, Margins
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.classifier import Criterion, Label, classify
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.config import Analysis, Direction
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.dispersion import estimate
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.ratio import Arms, RatioProcess

from tests.bench_gate import latency, peers, slipway
from tests.bench_gate.streams import Scenario, before, simulate

BURSTS = Scenario("bursts", burst=5.0, ratio=1.5, looks=60, history=10, rps=200.0)


@pytest.mark.parametrize("process", [RatioProcess.rollback, RatioProcess.promote])
def test_evidence(process: object) -> None:
    counts = simulate(replace(BURSTS, gaps=0.2), 3, np.random.default_rng(1))
    phi = np.array([1.0, 2.5, 4.0])
    found = np.array(list(slipway.evidence(process(1.25), counts, phi)))  # type: ignore[operator]
    for run in range(3):
        real = process(1.25)  # type: ignore[operator]
        for look in range(60):
            mine = Events(counts.bad[run, look], counts.total[run, look])
            theirs = Events(counts.other_bad[run, look], counts.other_total[run, look])
            real.add(Arms(mine, theirs), phi[run])
            assert found[look, run] == pytest.approx(real.mixture.log_e, abs=1e-9)


@pytest.mark.parametrize("rps", [20.0, 500.0])
def test_dispersion(rps: float) -> None:
    bad, total = before(replace(BURSTS, rps=rps), 4, np.random.default_rng(2))
    found = slipway.dispersions(bad, total)
    for run in range(4):
        cells = [
            {str(pod): Events(bad[run, cell, pod], total[run, cell, pod]) for pod in range(3)}
            for cell in range(bad.shape[1])
        ]
        real = estimate(cells, 4)
        assert real is not None
        assert found[run] == pytest.approx(real.value, abs=1e-9)


def test_rollback_comes_before_promotion() -> None:
    counts = simulate(BURSTS, 20, np.random.default_rng(3))
    back, on = slipway.judged(counts, np.full(20, 9.0), Margins(1.0, 2.0), 0.01, 0.05)
    assert not (np.isfinite(back) & np.isfinite(on) & (on >= back)).any()


@pytest.mark.parametrize("points", [5, 12, 30])
def test_kayenta(points: int) -> None:
    """Bisection ends within 1e-4 of the step that the bench finds, so only values closer than that may differ."""
    random = np.random.default_rng(points)
    analysis = Analysis(direction=Direction.INCREASE)
    differing = 0
    for _run in range(120):
        control = random.poisson(20, points) / random.poisson(1000, points)
        experiment = random.poisson(20 * random.choice([1.0, 1.3, 1.6]), points) / random.poisson(1000, points)
        real = classify(list(control), list(experiment), analysis, Criterion()).label is Label.HIGH
        differing += bool(peers.kayenta_high(experiment[None], control[None])[0]) != real
    assert differing <= 2


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("burst", [1.0, 5.0])
def test_latency(native: bool, burst: float) -> None:
    case = latency.Case("scale", "scale", native, 1.1, 0.1, looks=20, history=10, burst=burst)
    times = latency.simulate(case, 2, np.random.default_rng(4))
    for run in range(2):
        real = latency.real(case, times.before[run])
        assert real.betting is not None
        scores, phi = latency.learnt(case, times.before[run])
        assert list(scores) == list(real.betting.scores)
        assert phi == pytest.approx(list(real._dispersions), abs=1e-9)
        found = latency.evidence(case, scores, phi, times.canary[run], times.baseline[run])
        for look in range(20):
            canary, baseline = (
                dict(zip(case.bounds.tolist(), arm[run, look].tolist(), strict=True))
                for arm in (times.canary, times.baseline)
            )
            real.add(15.0 * look, canary, baseline)
            assert found[look] == pytest.approx(real.betting.mixture.log_e, abs=1e-9)


def test_the_tail_is_slower_at_p95_by_a_fifth() -> None:
    case = latency.Case("tail", native=True)
    quantiles = []
    for kind in ("null", "tail", "scale"):
        upto = np.cumsum(latency.shares(case, kind))
        quantiles.append(float(np.interp(0.95, upto[:-1], np.log(case.bounds[:-1]))))
    assert np.exp(quantiles[1] - quantiles[0]) == pytest.approx(1.2, rel=0.01)
    assert np.exp(quantiles[2] - quantiles[0]) == pytest.approx(1.2, rel=0.01)
