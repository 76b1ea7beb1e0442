# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sequential judge for many rollouts at once; a test holds it to the real one to 1e-9."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events, Margins
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.dispersion import (
    LEAST_EXPECTED,
    LEVEL,
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
    runs, count, pods = bad.shape
    shares = bad.sum(axis=(1, 2)) / total.sum(axis=(1, 2))
    expected = total * (shares * (1 - shares))[:, None, None]
    found = np.array([np.nan if enough else _single(bad[run], total[run])
                      for run, enough in enumerate(expected.min(axis=(1, 2)) >= LEAST_EXPECTED)])  # fmt: skip
    fine = _pearson(bad.reshape(runs, -1), total.reshape(runs, -1), shares)
    cells = count * pods - 1
    minutes = [one.sum(axis=2).reshape(runs, -1, PER_MINUTE).sum(axis=2) for one in (bad, total)]
    whole, degrees = _pearson(minutes[0], minutes[1], shares), minutes[0].shape[1] - 1
    clear = whole > np.maximum(1.0, fine / cells) * chi2.ppf(1 - LEVEL, degrees)
    together = np.maximum(
        np.maximum(1.0, fine / chi2.ppf(LEVEL, cells)), np.where(clear, whole / chi2.ppf(LEVEL, degrees), 1.0)
    )
    return np.where(expected.min(axis=(1, 2)) >= LEAST_EXPECTED, together, found)


def _pearson(bad: Array, total: Array, share: Array) -> Array:
    expected = total * share[:, None]
    spread = np.maximum(expected * (1 - share[:, None]), 1e-300)
    return np.asarray(((bad - expected) ** 2 / spread).sum(axis=1))


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
