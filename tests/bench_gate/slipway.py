# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sequential judge for many rollouts at once; a test holds it to the real one to 1e-9."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events, Margins
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.dispersion import (
    LEAST_DEGREES,
    LEAST_EXPECTED,
    LEVEL,
    LOG_ODDS,
    estimate,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.ratio import RatioProcess
from scipy.stats import chi2

from tests.bench_gate.streams import PER_MINUTE, Array, Counts

NEVER = np.inf


def dispersions(bad: Array, total: Array) -> Array:
    """Phi of each run from its history of shape (runs, cells, pods); NaN where there is too little.

    Runs all of whose cells expect enough are computed together, the others one by one by the judge's own code.
    """
    runs = len(bad)
    shares = bad.sum(axis=(1, 2)) / total.sum(axis=(1, 2))
    spread = shares * (1 - shares)
    enough = (total * spread[:, None, None]).min(axis=(1, 2)) >= LEAST_EXPECTED
    found = np.array([np.nan if enough[run] else _single(bad[run], total[run]) for run in range(runs)])
    minutes = [one.sum(axis=2).reshape(runs, -1, PER_MINUTE).sum(axis=2) for one in (bad, total)]
    fine = bad.reshape(runs, -1), total.reshape(runs, -1)
    return np.where(enough, together(fine, (minutes[0], minutes[1]), shares, spread, LOG_ODDS), found)


def together(
    fine: tuple[Array, Array], minutes: tuple[Array, Array], shares: Array, spread: Array, log_odds: float
) -> Array:
    """Phi of each row, by bad and all events of its cells and of its minutes; NaN where there is too little."""
    cells, whole = _pearson(*fine, shares, spread), _pearson(*minutes, shares, spread)
    degrees = minutes[0].shape[1] - 1
    clear = whole.statistic > cells.phi * chi2.ppf(1 - LEVEL, degrees)
    known = (degrees >= LEAST_DEGREES) & (cells.known >= LEAST_DEGREES) & ~(clear & (whole.known < LEAST_DEGREES))
    least = np.where(clear, whole.divisor(log_odds), 1.0)
    return np.where(known, np.maximum(cells.divisor(log_odds), least), np.nan)


@dataclass(frozen=True, slots=True)
class _Pearson:
    """As the judge's, of all rows."""

    statistic: Array
    degrees: int
    events: Array

    @property
    def phi(self) -> Array:
        return np.maximum(1.0, self.statistic / self.degrees)

    @property
    def known(self) -> Array:
        return np.asarray(1.0 / (1.0 / self.degrees + (self.phi - 1.0 / self.phi) / (2.0 * self.events)))

    def divisor(self, log_odds: float) -> Array:
        part = 2.0 * log_odds / np.maximum(self.known, LEAST_DEGREES)
        return np.maximum(1.0, self.statistic / self.degrees * np.expm1(part) / part)


def _pearson(bad: Array, total: Array, share: Array, spread: Array) -> _Pearson:
    some = np.maximum(spread[:, None] * total, 1e-300)
    statistic = ((bad - total * share[:, None]) ** 2 / some).sum(axis=1)
    return _Pearson(statistic, bad.shape[1] - 1, total.sum(axis=1) * spread)


def _single(bad: Array, total: Array) -> float:
    cells = [
        {str(pod): Events(float(x), float(n)) for pod, (x, n) in enumerate(zip(xs, ns, strict=True))}
        for xs, ns in zip(bad, total, strict=True)
    ]
    known = estimate(cells, PER_MINUTE)
    return known.value if known else float("nan")


def evidence(process: RatioProcess, counts: Counts, phi: Array) -> Iterator[Array]:
    """The log e-values of all runs after each scrape."""
    grid = np.asarray(process.alternatives)
    logs = np.zeros((len(counts.bad), len(grid)))
    gained = np.log(grid / process.bound)
    for look in range(counts.bad.shape[1]):
        mine, theirs = counts.total[:, look], counts.other_total[:, look]
        every = mine + theirs
        both = (mine > 0) & (theirs > 0)
        share = np.where(both, mine / np.maximum(every, 1), 0.5)[:, None]
        bad = counts.bad[:, look] + counts.other_bad[:, look]
        lost = np.log((1 - share + share * grid) / (1 - share + share * process.bound))
        step = (counts.bad[:, look, None] * gained - bad[:, None] * lost) / phi[:, None]
        logs += np.where(both[:, None], step, 0.0)
        top = logs.max(axis=1)
        yield top + np.log(np.exp(logs - top[:, None]).mean(axis=1))


def first(process: RatioProcess, counts: Counts, phi: Array, threshold: float) -> Array:
    """The scrape (1, 2, ...) at which each run's evidence first suffices; NEVER where it does not."""
    found = np.full(len(counts.bad), NEVER)
    for look, log_e in enumerate(evidence(process, counts, phi), 1):
        found = np.where((log_e >= threshold) & (found == NEVER), look, found)
    return found


def judged(counts: Counts, phi: Array, margins: Margins, alpha: float, beta: float) -> tuple[Array, Array]:
    """When each run is rolled back, and when promoted (if it was not rolled back until then)."""
    back = first(RatioProcess.rollback(margins.max_ratio), counts, phi, -np.log(alpha))
    on = first(RatioProcess.promote(margins.promote_ratio), counts, phi, -np.log(beta))
    return back, np.where(on < back, on, NEVER)
