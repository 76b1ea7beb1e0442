# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenarios: what may happen to a healthy release, and the regressions that are to be found."""

from __future__ import annotations

import numpy as np

from tests.bench_gate.latency import Case
from tests.bench_gate.streams import PER_MINUTE, Array, Scenario

HOUR = 60 * PER_MINUTE
WEIGHTS = (0.05, 0.1, 0.25, 0.5)
RATES = (50.0, 500.0, 5000.0)
REGRESSIONS = ((0.001, 0.005), (0.01, 0.02))


def _incident(time: Array) -> Array:
    """Ten times as bad for five minutes, twenty minutes in."""
    return np.where((time >= 20 * PER_MINUTE) & (time < 25 * PER_MINUTE), 10.0, 1.0)


def _drift(time: Array) -> Array:
    """The base rate triples within an hour."""
    return 1.0 + 2.0 * time / HOUR


def _ramp(time: Array) -> Array:
    """5, 10, 25 and 50 %, a quarter of an hour each."""
    return np.asarray(np.choose(np.minimum(time // (15 * PER_MINUTE), 3).astype(int), [0.05, 0.1, 0.25, 0.5]))


def _day(time: Array) -> Array:
    """Traffic between a third and five thirds, with a period of four hours."""
    return 1.0 + 2 / 3 * np.sin(2 * np.pi * time / (4 * HOUR))


# A healthy release, for an hour or as long as is said.
NULLS: tuple[Scenario, ...] = (
    Scenario("iid"),
    Scenario("iid, 1000 looks", looks=1000),
    Scenario("iid, rare errors and little traffic", base=0.001, rps=50.0),
    Scenario("iid at the margin", ratio=1.25),
    Scenario("bursts of 2", burst=2),
    Scenario("bursts of 5", burst=5),
    Scenario("bursts of 5, 1000 looks", burst=5, looks=1000),
    Scenario("bursts of 5 upon all pods of an arm", burst=5, spread=True),
    Scenario("bursts of 5, ten minutes of history", burst=5, history=10),
    Scenario("bursts of 20", burst=20),
    Scenario("shared incident", drift=_incident),
    Scenario("shared incident, scrapes half apart", drift=_incident, jitter=0.5),
    Scenario("weights 5 to 50 %, base rate times 3", split=_ramp, drift=_drift),
    Scenario("one bad pod in each arm", one_bad=5.0),
    Scenario("cold start, the first minute left out", cold=5.0, warm_up_scrapes=4),
    Scenario("day and night", shape=_day, drift=_drift),
    Scenario("sticky sessions of 20 requests", sticky=20.0),
    Scenario("a tenth of the scrapes fails", gaps=0.1, drift=_drift),
)
# Beside the aims: what the gate does not claim.
REPORTED = frozenset({"bursts of 20"})

CELLS: tuple[Scenario, ...] = tuple(
    Scenario(f"{usual:g} to {worse:g}", base=usual, ratio=worse / usual, weight=weight, rps=rps)
    for usual, worse in REGRESSIONS
    for weight in WEIGHTS
    for rps in RATES
)
BURSTS = tuple(Scenario("bursts of 5", base=0.01, ratio=2.0, weight=0.1, rps=rps, burst=5.0) for rps in (50.0, 500.0))
HEALTHY = Scenario("healthy", rps=500.0, weight=0.1, base=0.01)
AT_MARGIN = Scenario("at the margin", rps=500.0, weight=0.1, base=0.01, ratio=1.5)

LATENCY_NULLS: tuple[Case, ...] = (
    Case("classic buckets"),
    Case("native buckets", native=True),
    Case("classic buckets, bursts of 5", burst=5.0),
    Case("native buckets, bursts of 5", native=True, burst=5.0),
)
LATENCY_CELLS: tuple[Case, ...] = tuple(
    Case(f"{kind}, {'native' if native else 'classic'}", kind, native, weight=weight)
    for native in (False, True)
    for kind in ("scale", "tail")
    for weight in WEIGHTS
)
