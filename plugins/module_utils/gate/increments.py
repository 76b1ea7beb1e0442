# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From counters to what was counted between two readings: raw differences, never rates, nothing extrapolated.

PromQL's rate() and increase() scale up to the edges of their window and lose a counter's first value. A gate that
counts events needs the events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from .grid import Grid, grown
from .sources.source import Bucket, Reading, Sample, Series, SeriesKey, Target


@dataclass(frozen=True, slots=True)
class Gain:
    """What one counter gained since the reading before. `at` is when it was first seen to have gained.

    Of a native histogram `buckets` are what each has gained, on one grid for all histograms of a name.
    """

    series: Series
    amount: float
    at: float
    buckets: Sequence[Bucket] = ()


@dataclass(slots=True)
class _Last:
    at: float
    value: float
    incarnation: str
    buckets: Sequence[Bucket] = ()


@dataclass(slots=True)
class _Sum:
    """What a counter gains in one reading."""

    amount: float = 0.0
    first: float | None = None
    buckets: dict[float, Bucket] = field(default_factory=dict)

    def add(self, at: float, amount: float, buckets: Mapping[float, Bucket]) -> None:
        self.amount += amount
        if amount > 0 and self.first is None:
            self.first = at
        for upper, one in buckets.items():
            before = self.buckets.get(upper)
            self.buckets[upper] = one._replace(events=one.events + before.events) if before else one


class Increments:
    """Remembers every counter's last value. The first reading is the baseline: it gives no gains.

    A counter that appears later counts from 0 when its target was read before without it, or when its target has
    started since the baseline; otherwise its first value is only where it is counted from. A value below the last one
    is a restart: it counts from 0, as PromQL does it.

    What a target has counted in the first `warm_up` seconds after its start is left out, and so is a step that began
    in them. `starts` are those of targets, as far as they are known beforehand.
    """

    def __init__(self, warm_up: float = 0.0, starts: Mapping[str, float] | None = None) -> None:
        self._warm_up = warm_up
        self._starts = dict(starts or {})
        self._baseline: float | None = None
        self._last: dict[SeriesKey, _Last] = {}
        self._scraped: dict[str, float] = {}  # target -> the first time that it is known to have been read
        self._grids: dict[str, Grid] = {}  # of native histograms, by name

    def add(self, reading: Reading) -> list[Gain]:
        """The gains since the reading before, one for each counter of this reading, many of them 0."""
        targets = {target.name: target for target in reading.targets}
        if self._baseline is None:
            self._baseline = reading.at
            self._learn(reading)
            for series in reading.series:
                self._settle(series, targets)
            return []
        self._learn(reading)
        return [self._gain(series, targets) for series in reading.series]

    def _learn(self, reading: Reading) -> None:
        for target in reading.targets:
            if target.started is not None:
                self._starts[target.name] = target.started
            if target.scrapes:
                self._know(target.name, min(target.scrapes))
        for series in reading.series:
            self._know(series.target, series.samples[0].at)
            for sample in series.samples if series.buckets else ():
                self._grids[series.name] = self._grids.get(series.name, Grid()).fitting(series.buckets[sample.at])

    def _know(self, target: str, at: float) -> None:
        self._scraped[target] = min(at, self._scraped.get(target, at))

    def _settle(self, series: Series, targets: Mapping[str, Target]) -> None:
        counted = _countable(series.samples)
        if counted:
            at, value = counted[-1]
            self._last[series.key] = _Last(at, value, _incarnation(series, targets), series.buckets.get(at, ()))

    def _gain(self, series: Series, targets: Mapping[str, Target]) -> Gain:
        samples = _countable(series.samples)
        if not samples:
            return Gain(series, 0.0, series.timestamp)
        incarnation = _incarnation(series, targets)
        last = self._last.get(series.key)
        if last is None:
            starts_at_zero = self._starts_at_zero(series, samples[0].at, targets)
            last = _Last(float("-inf") if starts_at_zero else samples[0].at, 0.0, incarnation)
            if not starts_at_zero:
                last.value, last.buckets = samples[0].value, series.buckets.get(samples[0].at, ())
            self._last[series.key] = last
        warm = self._starts[series.target] + self._warm_up if self._warms_up(series) else float("-inf")
        found = _Sum()
        for sample in samples:
            if sample.at <= last.at:
                continue
            now = series.buckets.get(sample.at, ())
            another = bool(incarnation and last.incarnation and incarnation != last.incarnation)
            another = another or sample.value < last.value
            steps = self._steps(series.name, () if another else last.buckets, now) if series.buckets else {}
            if steps is None:
                another, steps = True, self._steps(series.name, (), now) or {}
            step = sample.value if another else sample.value - last.value
            cold = last.at < warm
            last.at, last.value, last.buckets = sample.at, sample.value, now
            last.incarnation = incarnation or last.incarnation
            if not cold:
                found.add(sample.at, step, steps)
        at = series.timestamp if found.first is None else found.first
        return Gain(series, found.amount, at, tuple(found.buckets.values()))

    def _steps(self, name: str, before: Sequence[Bucket], now: Sequence[Bucket]) -> dict[float, Bucket] | None:
        """What each bucket has gained; None where that shows that the histogram has begun anew."""
        if before is now or before == now:
            return {}
        grid = self._grids[name]
        return grown(grid.place(before), grid.place(now))

    def _warms_up(self, series: Series) -> bool:
        return self._warm_up > 0 and series.target in self._starts

    def _starts_at_zero(self, series: Series, first: float, targets: Mapping[str, Target]) -> bool:
        if self._scraped.get(series.target, first) < first:
            return True  # the target was read before, and this counter was not there
        target = targets.get(series.target)
        started = target.started if target else None
        return started is not None and self._baseline is not None and started > self._baseline


def _countable(samples: Sequence[Sample]) -> list[Sample]:
    """Without values that no counter has: NaN, infinite, negative."""
    return [sample for sample in samples if isfinite(sample.value) and sample.value >= 0]


def _incarnation(series: Series, targets: Mapping[str, Target]) -> str:
    target = targets.get(series.target)
    return target.incarnation if target else ""
