# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Response times in buckets, for many rollouts at once, and what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.assessment import Errors
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.betting import BETS, BOLDEST
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.dispersion import LEAST_EXPECTED
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.scores import Score, learn
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.slowness import Slowness
from scipy.stats import norm

from tests.bench_gate.peers import kayenta_of
from tests.bench_gate.slipway import together
from tests.bench_gate.streams import PER_MINUTE, SCRAPE, Array, Random

NEVER = np.inf
ALPHA = 0.01
CLASSIC = np.array([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, np.inf])
NATIVE = np.append(2.0 ** (np.arange(-60, 25) / 8), np.inf)  # schema 3: eight buckets to an octave
_SIGMA = 0.6
_SLOW_SHARE = 0.13  # of requests that a tail-only regression slows down


@dataclass(frozen=True, slots=True)
class Case:
    """Lognormal times of median 0.1 s. `kind`: scale (all x1.2) or tail (13 % slower, p95 +20 % as well) or null.

    `burst`: so many requests in a row share their fate, as when a garbage collection holds them up.
    """

    name: str
    kind: str = "null"
    native: bool = False
    max_ratio: float = 1.0  # as Kayenta's default
    weight: float = 0.1
    rps: float = 50.0
    looks: int = 120
    history: int = 60
    burst: float = 1.0

    @property
    def bounds(self) -> Array:
        return NATIVE if self.native else CLASSIC


def shares(case: Case, kind: str) -> Array:
    """The probability of each bucket."""
    edges = np.log(np.append(case.bounds[:-1], np.inf) / 0.1) / _SIGMA
    usual = norm.cdf(edges)
    if kind == "scale":
        usual = norm.cdf(edges - np.log(1.2) / _SIGMA)
    elif kind == "tail":
        usual = (1 - _SLOW_SHARE) * usual + _SLOW_SHARE * norm.cdf(edges - _tail_shift())
    return np.diff(usual, prepend=0.0)


def _tail_shift() -> float:
    """By how many sigma the slow 13 % are slower, so that the 95th percentile is 20 % higher."""
    edge = norm.ppf(0.95) + np.log(1.2) / _SIGMA
    inside = (0.95 - (1 - _SLOW_SHARE) * norm.cdf(edge)) / _SLOW_SHARE
    return float(edge - norm.ppf(inside))


def sample(case: Case, kind: str, mean: float, size: tuple[int, ...], random: Random) -> Array:
    """Counts of shape (*size, buckets)."""
    chances = shares(case, kind)
    groups = random.poisson(mean / case.burst, size)
    if case.burst <= 1:
        return random.multinomial(groups, chances).astype(float)
    held = random.multinomial(groups, chances)
    # Each group is of geometric size.
    return held + np.where(held > 0, random.negative_binomial(np.maximum(held, 1), 1 / case.burst), 0).astype(float)


@dataclass(frozen=True, slots=True)
class Times:
    """Canary and baseline, each (runs, scrapes, buckets), and the baseline's scrapes before."""

    canary: Array
    baseline: Array
    before: Array


def simulate(case: Case, runs: int, random: Random) -> Times:
    every = case.rps * SCRAPE
    return Times(
        sample(case, case.kind, every * case.weight, (runs, case.looks), random),
        sample(case, "null", every * (1 - case.weight), (runs, case.looks), random),
        sample(case, "null", every, (runs, case.history * PER_MINUTE), random),
    )


def learnt(case: Case, before: Array) -> tuple[Sequence[Score], Sequence[float]]:
    """The scores of one run's history and their dispersions; none where there is too little. As `Slowness` has them."""
    scores = learn(dict(zip(case.bounds.tolist(), before.sum(axis=0).tolist(), strict=True)))
    if not any(score.beyond is not None for score in scores):
        return [], []
    values = np.array([score.values for score in scores])
    total = before.sum(axis=1)
    spread = np.array([score.deviation**2 for score in scores])
    if total.min() * spread.min() < LEAST_EXPECTED:
        return _by_the_judge(case, before)
    fine = values @ before.T, np.tile(total, (len(scores), 1))
    minutes = [one.reshape(len(scores), -1, PER_MINUTE).sum(axis=2) for one in fine]
    odds = Errors(ALPHA).log_odds(len(scores) * len(BETS))
    phi = together(fine, (minutes[0], minutes[1]), fine[0].sum(axis=1) / total.sum(), spread, odds)
    return (scores, phi.tolist()) if np.isfinite(phi).all() else ([], [])


def real(case: Case, before: Array) -> Slowness:
    """What the real judge learns of one run's history."""
    history = [dict(zip(case.bounds.tolist(), cell.tolist(), strict=True)) for cell in before]
    return Slowness(case.max_ratio, 1.5, history, Errors(ALPHA))


def _by_the_judge(case: Case, before: Array) -> tuple[Sequence[Score], Sequence[float]]:
    trial = real(case, before)
    return (trial.betting.scores, trial._dispersions) if trial.betting and trial.dispersion else ([], [])


def slipway(case: Case, times: Times) -> Array:
    """The scrape at which each run's evidence first suffices."""
    found = np.full(len(times.canary), NEVER)
    for run, before in enumerate(times.before):
        scores, phi = learnt(case, before)
        if scores:
            above = evidence(case, scores, phi, times.canary[run], times.baseline[run]) >= -np.log(ALPHA)
            found[run] = above.argmax() + 1 if above.any() else NEVER
    return found


def evidence(case: Case, scores: Sequence[Score], phi: Sequence[float], canary: Array, baseline: Array) -> Array:
    """The log e-values after each scrape, of one run; arrays of (scrapes, buckets)."""
    mine, theirs = canary.sum(axis=1), baseline.sum(axis=1)
    sizes = np.array(BETS)[:, None]
    columns = []
    for score, dispersion in zip(scores, phi, strict=True):
        values, places = np.unique(np.asarray(score.values), return_inverse=True)
        sorted_in = np.eye(len(values))[places]  # buckets of equal scores together
        margin = min((case.max_ratio - 1.0) * score.mean, 1 - score.mean)
        ours, against = _stakes(sizes / score.deviation, mine, theirs, score.mean, margin)
        gain = ((canary @ sorted_in) * np.log1p(ours[..., None] * (values - score.mean - margin))).sum(axis=2)
        gain += ((baseline @ sorted_in) * np.log1p(-against[..., None] * (values - score.mean))).sum(axis=2)
        columns.append(np.where((mine > 0) & (theirs > 0), gain, 0.0) / dispersion)
    logs = np.cumsum(np.concatenate(columns), axis=1)
    top = logs.max(axis=0)
    return np.asarray(top + np.log(np.exp(logs - top).mean(axis=0)))


def _stakes(size: Array, mine: Array, theirs: Array, mean: float, margin: float) -> tuple[Array, Array]:
    """As `bets`, for all scrapes at once; where an arm was silent they count nothing."""
    every = np.maximum(mine + theirs, 1)
    ours, against = size * theirs / every, size * mine / every
    shrink = np.maximum(1.0, np.maximum(ours * (mean + margin) / BOLDEST, against * (1.0 - mean) / BOLDEST))
    return ours / shrink, against / shrink


def p95(case: Case, minutes: Array) -> Array:
    """As histogram_quantile has it, of counts (runs, points, buckets): linear inside a classic bucket."""
    total = minutes.sum(axis=2, keepdims=True)
    upto = np.cumsum(minutes, axis=2)
    place = np.minimum((upto < 0.95 * total).sum(axis=2), len(case.bounds) - 2)
    edges = np.concatenate([[0.0], case.bounds[:-1]])
    low, high = edges[place], edges[place + 1]
    below = np.where(place > 0, np.take_along_axis(upto, np.maximum(place - 1, 0)[..., None], axis=2)[..., 0], 0)
    inside = np.take_along_axis(minutes, place[..., None], axis=2)[..., 0]
    part = np.clip((0.95 * total[..., 0] - below) / np.maximum(inside, 1e-12), 0, 1)
    if case.native:
        return np.asarray(np.where(low > 0, np.where(low > 0, low, 1) * (high / np.where(low > 0, low, 1)) ** part, 0))
    return np.asarray(low + (high - low) * part)


def kayenta(case: Case, times: Times) -> Array:
    """The minute at which each run's p95 is first classed High."""

    def minutes(counts: Array) -> Array:
        runs, scrapes, buckets = counts.shape
        return counts.reshape(runs, scrapes // PER_MINUTE, PER_MINUTE, buckets).sum(axis=2)

    return kayenta_of(p95(case, minutes(times.canary)), p95(case, minutes(times.baseline)))
