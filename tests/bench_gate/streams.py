# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Traffic of two arms, for many rollouts at once: arrays of (runs, scrapes), counted every 15 s."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Random = np.random.Generator

SCRAPE = 15.0
PER_MINUTE = int(60 / SCRAPE)
PODS = 3  # of the baseline


@dataclass(frozen=True, slots=True)
class Scenario:
    """`base` is the share of bad events of the baseline, `ratio` how many times as often the canary's are bad.

    `burst` is the mean size of bursts of bad events (1: none); `spread`: a burst falls upon all pods of its arm.
    `split`, `drift` and `shape` give for each scrape (0, 1, ...) the canary's share, the factor of the base rate and
    the factor of the traffic. `one_bad` makes one pod in each arm so many times as bad. `sticky` is how many requests
    a session sends, all of them to one arm; `gaps` the share of scrapes that fail; `jitter` how far (in scrapes) the
    arms' scrapes fall apart; `cold` how many times as bad the canary's first `cold_scrapes` are.
    """

    name: str
    base: float = 0.01
    ratio: float = 1.0
    weight: float = 0.1
    rps: float = 500.0
    looks: int = 240
    history: int = 60  # minutes
    burst: float = 1.0
    spread: bool = False
    split: Callable[[Array], Array] | None = None
    drift: Callable[[Array], Array] | None = None
    shape: Callable[[Array], Array] | None = None
    one_bad: float = 1.0
    sticky: float = 1.0
    gaps: float = 0.0
    jitter: float = 0.0
    cold: float = 1.0
    cold_scrapes: int = 4
    warm_up_scrapes: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """Events of both arms, each of shape (runs, scrapes)."""

    bad: Array
    total: Array
    other_bad: Array
    other_total: Array

    def minutes(self) -> Counts:
        """The same in minutes; what is left of the last one is lost."""

        def summed(one: Array) -> Array:
            whole = one.shape[1] // PER_MINUTE
            return one[:, : whole * PER_MINUTE].reshape(len(one), whole, PER_MINUTE).sum(axis=2)

        return Counts(*map(summed, (self.bad, self.total, self.other_bad, self.other_total)))


def simulate(scenario: Scenario, runs: int, random: Random) -> Counts:
    """What both arms count from the moment on that users are on the canary."""
    time = np.arange(scenario.looks, dtype=float)
    split = scenario.split(time) if scenario.split else np.full(len(time), scenario.weight)
    drift = scenario.drift(time) if scenario.drift else np.ones(len(time))
    shape = scenario.shape(time) if scenario.shape else np.ones(len(time))
    every = scenario.rps * SCRAPE * shape
    cold = np.where(time < scenario.cold_scrapes, scenario.cold, 1.0)
    shift = scenario.jitter
    later = scenario.drift(time + shift) if scenario.drift and shift else drift
    bad, total = _arm(scenario, every * split, scenario.base * scenario.ratio * later * cold, runs, random)
    other_bad, other_total = _arm(scenario, every * (1 - split), scenario.base * drift, runs, random)
    found = Counts(bad, total, other_bad, other_total)
    if scenario.gaps:
        found = _with_gaps(found, scenario.gaps, random)
    if scenario.warm_up_scrapes:
        found.bad[:, : scenario.warm_up_scrapes] = 0
        found.total[:, : scenario.warm_up_scrapes] = 0
    return found


def before(scenario: Scenario, runs: int, random: Random) -> tuple[Array, Array]:
    """The baseline alone, before, each 15 s: bad and all events of shape (runs, cells, pods)."""
    cells = scenario.history * PER_MINUTE
    if scenario.spread:  # bursts of the arm, then dealt out to its pods
        arm = np.full(cells, scenario.rps * SCRAPE)
        bad, total = _arm(scenario, arm, np.full(cells, scenario.base), runs, random)
        chances = np.full(PODS, 1 / PODS)
        dealt = (random.multinomial(one.astype(int), chances).astype(float) for one in (bad, total - bad))
        bad, good = dealt
        return bad, bad + good
    worse = np.tile([scenario.one_bad, *[1.0] * (PODS - 1)], cells)
    mean = np.full(cells * PODS, scenario.rps * SCRAPE / PODS)
    bad, total = _arm(replace(scenario, one_bad=1.0), mean, scenario.base * worse, runs, random)
    return bad.reshape(runs, cells, PODS), total.reshape(runs, cells, PODS)


def _arm(scenario: Scenario, mean: Array, share: Array, runs: int, random: Random) -> tuple[Array, Array]:
    """Bad events are Poisson bursts of geometric size; a session's requests come in bursts of their own."""
    size = (runs, len(mean))
    worse = (scenario.one_bad - 1.0) / PODS + 1.0  # one pod in three is worse, and so the arm is a little
    if scenario.sticky > 1:
        sessions = random.poisson(mean / scenario.sticky, size)
        total = sessions + random.poisson(np.maximum(sessions * (scenario.sticky - 1), 0))
    else:
        total = random.poisson(mean, size)
    expected = total * np.minimum(1.0, share * worse)
    if scenario.burst <= 1:
        return random.binomial(total, np.broadcast_to(np.minimum(1.0, share * worse), size)).astype(
            float
        ), total.astype(float)
    bursts = random.poisson(expected / scenario.burst)
    # The sum of n geometric sizes of mean m is n plus a negative binomial count.
    extra = np.where(bursts > 0, random.negative_binomial(np.maximum(bursts, 1), 1 / scenario.burst), 0)
    bad = np.minimum(bursts + extra, total)
    return bad.astype(float), total.astype(float)


def _with_gaps(counts: Counts, share: float, random: Random) -> Counts:
    """A failed scrape's events come with the next one; both arms are read by scrapes of their own."""

    def delayed(bad: Array, total: Array) -> tuple[Array, Array]:
        missing = random.random(bad.shape) < share
        missing[:, -1] = False
        for place in range(bad.shape[1] - 1):
            held = missing[:, place]
            for one in (bad, total):
                one[held, place + 1] += one[held, place]
                one[held, place] = 0
        return bad, total

    return Counts(*delayed(counts.bad, counts.total), *delayed(counts.other_bad, counts.other_total))
