# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others do with the same counts: Kayenta, thresholds, Lindon and Malek, and an oracle that knows both rates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from tests.bench_gate.streams import Array, Counts

NEVER = np.inf
EARLIEST = 5  # points before Kayenta is asked: fewer can never reach its confidence
_Z = 2.3263478740408408  # of the confidence 0.98
_TOLERANCE = 0.25


def kayenta_high(experiment: Array, control: Array) -> NDArray[np.bool_]:
    """Whether Kayenta classes each run's experiment as High, direction increase; arrays of (runs, points)."""
    shifts = np.sort((experiment[:, :, None] - control[:, None, :]).reshape(len(experiment), -1), axis=1)
    estimate = _bound(shifts, experiment, control, 0.0)
    low = _bound(shifts, experiment, control, _Z)
    means = control.mean(axis=1)
    ratio = np.where(means > 0, experiment.mean(axis=1) / np.where(means > 0, means, 1), np.inf)
    same = np.sort(experiment, axis=1) == np.sort(control, axis=1)
    return (low > _TOLERANCE * np.abs(estimate)) & (ratio >= 1) & ~same.all(axis=1)


def _bound(shifts: Array, x: Array, y: Array, z: float) -> Array:
    """The shift at which the score is z, to the distance of two neighbouring pair differences.

    The score falls by steps at the differences of pairs, so the crossing is found among them: the score is above z as
    long as enough pairs are still above. Ties of the values themselves lower the variance, as they do in the test.
    """
    n, m = x.shape[1], y.shape[1]
    total = n + m
    ties = _ties(np.concatenate([x, y], axis=1))
    variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    wins = n * m / 2 + (z * np.sqrt(np.maximum(variance, 1e-12)) + (0.5 if z else 0.0))
    place = np.floor(n * m - wins).astype(int)  # so many pairs may be lost before the score has fallen to z
    least = shifts[:, 0]
    inside = np.take_along_axis(shifts, np.clip(place, 0, n * m - 1)[:, None], axis=1)[:, 0]
    if z:
        return np.where(place < 0, least, inside)
    upper = np.take_along_axis(shifts, np.clip(np.ceil(n * m - wins).astype(int), 0, n * m - 1)[:, None], axis=1)[:, 0]
    return (inside + upper) / 2 if (n * m) % 2 else np.median(shifts, axis=1)


def _ties(values: Array) -> Array:
    """The sum of t^3 - t over the groups of equal values of each run."""
    ordered = np.sort(values, axis=1)
    found = np.zeros(len(values))
    length = np.ones(len(values))
    for place in range(1, values.shape[1] + 1):
        same = ordered[:, place] == ordered[:, place - 1] if place < values.shape[1] else np.zeros(len(values), bool)
        found += np.where(same, 0, length**3 - length)
        length = np.where(same, length + 1, 1)
    return found


def kayenta(counts: Counts, points_from: int = EARLIEST) -> Array:
    """The point at which each run is first classed High, when it is asked after each."""
    rates, others = _rates(counts.bad, counts.total), _rates(counts.other_bad, counts.other_total)
    return kayenta_of(rates, others, points_from)


def kayenta_of(rates: Array, others: Array, points_from: int = EARLIEST) -> Array:
    """The same of values point by point."""
    found = np.full(len(rates), NEVER)
    for points in range(points_from, rates.shape[1] + 1):
        open_ = np.flatnonzero(found == NEVER)
        if not len(open_):
            break
        high = kayenta_high(rates[open_, :points], others[open_, :points])
        found[open_[high]] = points
    return found


def threshold(counts: Counts, limit: float, failures: int) -> Array:
    """The point at which the canary's rate has been above the limit so many times in all (Argo, Flagger)."""
    above = np.cumsum(_rates(counts.bad, counts.total) > limit, axis=1) >= failures
    return np.where(above.any(axis=1), above.argmax(axis=1) + 1, NEVER)


def calibrated(null: Counts, bad: Counts, alpha: float = 0.01) -> Array:
    """The best of thresholds that were set, in hindsight, to exactly this share of false alarms in these streams."""
    best = np.full(len(bad.bad), NEVER)
    for failures in (1, 3, 5):
        rates = _rates(null.bad, null.total)
        if rates.shape[1] < failures:
            continue
        worst = np.sort(rates, axis=1)[:, -failures]  # exceeded so often by each run
        found = threshold(bad, float(np.quantile(worst, 1 - alpha)), failures)
        best = found if np.median(found) < np.median(best) else best
    return best


def lindon_malek(counts: Counts, weight: float, alpha: float = 0.01, strength: float = 100.0) -> Array:
    """When the multinomial e-process of Lindon and Malek (2022) rejects, of bad events at a fixed split."""
    shares = np.array([weight, 1 - weight])
    prior = strength * shares
    seen = np.stack([counts.bad.cumsum(axis=1), counts.other_bad.cumsum(axis=1)], axis=-1)
    log_e = (gammaln(prior.sum()) - gammaln(prior.sum() + seen.sum(axis=-1))
             + (gammaln(prior + seen) - gammaln(prior) - seen * np.log(shares)).sum(axis=-1))  # fmt: skip
    above = log_e >= -np.log(alpha)
    return np.where(above.any(axis=1), above.argmax(axis=1) + 1, NEVER)


def sprt(counts: Counts, ratio: float, alpha: float = 0.01) -> Array:
    """When Wald's test (1945) of both arms decides, that knows the ratio beforehand: no test of both can be faster."""
    share = counts.total / np.maximum(counts.total + counts.other_total, 1)
    bad = counts.bad + counts.other_bad
    log_e = np.cumsum(counts.bad * np.log(ratio) - bad * np.log(1 - share + share * ratio), axis=1)
    above = log_e >= -np.log(alpha)
    return np.where(above.any(axis=1), above.argmax(axis=1) + 1, NEVER)


def _rates(bad: Array, total: Array) -> Array:
    return bad / np.maximum(total, 1)
