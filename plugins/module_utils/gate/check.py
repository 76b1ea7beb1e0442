# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A check: bad events of all events, or a gauge with limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from .histograms import bounds, classic, native, slower, spread
from .increments import Gain
from .kayenta.config import Analysis
from .selector import Selector, one_of
from .sources.source import Series


class Events(NamedTuple):
    """What was counted. Bad events are some of all; where scrapes did not fall together, there are at least as many."""

    bad: float
    total: float

    @property
    def rate(self) -> float:
        return self.bad / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Margins:
    """A canary that is bad more than `max_ratio` times as often is rolled back, less than `promote_ratio` promoted.

    Between the two either may come.
    """

    max_ratio: float = 1.25
    promote_ratio: float = 1.5


@dataclass(frozen=True, slots=True)
class Counters:
    """Two kinds of events. Several selectors of a kind are summed: a metric may go by more than one name.

    With `good` the first kind are the good events. With `bound` both are read from the buckets of a histogram, whose
    unit is that of `bound`: what is slower is bad. With `whole` all buckets are asked for, for a judge of histograms.
    """

    part: tuple[Selector, ...]
    all: tuple[Selector, ...]
    good: bool = False
    bound: float | None = None
    whole: bool = False

    @property
    def paired(self) -> bool:
        """Whether each selector of the part belongs to the one of all at its place."""
        return len(self.part) == len(self.all)

    def selectors(self) -> tuple[Selector, ...]:
        return (*self.all, *self.part)

    def count(self, gains: Sequence[Gain]) -> dict[str, Events]:
        """Events per pod. Raises NoBucket."""
        if self.bound is not None:
            return self._slower(gains)
        part = _per_pod(gain for gain in gains if _any(self.part, gain.series))
        every = _per_pod(gain for gain in gains if _any(self.all, gain.series))
        return {
            pod: _events(every.get(pod, 0.0) - part.get(pod, 0.0), every.get(pod, 0.0))
            if self.good
            else _events(part.get(pod, 0.0), every.get(pod, 0.0))
            for pod in {**every, **part}
        }

    def by_labels(self, gains: Sequence[Gain]) -> Iterator[tuple[Mapping[str, str], Events]]:
        """Events by the labels of their series, of those that have counted something. Sums of them are events.

        Bad events and all of them come apart where they are series of their own. Raises NoBucket.
        """
        if self.bound is not None:
            yield from ((one.labels, events) for one, events in self._slow_groups(gains) if events.total)
            return
        for gain in gains:
            if gain.amount and _any(self.all, gain.series):
                yield gain.series.labels, Events(gain.amount if self.good else 0.0, gain.amount)
            if gain.amount and _any(self.part, gain.series):
                yield gain.series.labels, Events(-gain.amount if self.good else gain.amount, 0.0)

    def first_bad(self, gains: Sequence[Gain]) -> float | None:
        """When the first bad event of these gains was seen; for good events that is when the first of all was."""
        kind = self.all if self.good or self.bound is not None else self.part
        return min((gain.at for gain in gains if gain.amount > 0 and _any(kind, gain.series)), default=None)

    def narrowed(self, series: Sequence[Series]) -> Counters:
        """The same with no more asked for than these series, which were found by it, show to be needed."""
        if self.whole:
            return self
        if self.bound is None:
            kept = [i for i, one in enumerate(self.all) if _exists(one, series)] if self.paired else []
            if not kept:
                return self
            return Counters(tuple(self.part[i] for i in kept), tuple(self.all[i] for i in kept), self.good)
        mine = [one for one in series if _any(self.all, one)]
        if native(mine):
            return self
        wanted = {label for group in classic(mine) for label in (group.chosen(self.bound), group.top)}
        chosen = [one_of("le", sorted(wanted))]
        narrow = tuple(
            Selector(found.name, (*(m for m in found.matchers if m.label != "le"), *chosen))
            for found in self.all
            if _exists(found, series)
        )
        return Counters((), narrow or self.all, False, self.bound)

    def buckets(self, series: Sequence[Series]) -> list[float]:
        """The bounds by which these histograms are judged. Raises NoBucket."""
        return bounds(series, self.bound if self.bound is not None else inf)

    def histogram(self, gains: Sequence[Gain]) -> dict[float, float]:
        """Events of all pods by the upper bounds of their buckets, each event in one of them."""
        return spread([gain for gain in gains if _any(self.all, gain.series)])

    def _slower(self, gains: Sequence[Gain]) -> dict[str, Events]:
        found: dict[str, Events] = {}
        for one, events in self._slow_groups(gains):
            before = found.get(pod_of(one), Events(0.0, 0.0))
            found[pod_of(one)] = Events(before.bad + events.bad, before.total + events.total)
        return found

    def _slow_groups(self, gains: Sequence[Gain]) -> Iterator[tuple[Series, Events]]:
        mine = [gain for gain in gains if _any(self.all, gain.series)]
        for one, slow, every in slower(mine, self.bound if self.bound is not None else inf):
            yield one, Events(slow, every)


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value now: what a free expression gives, or every series of a selector."""

    expression: str = ""
    selector: Selector | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What is measured and what is still right.

    For counters `limit` is the largest share of bad events; `floor` and `ceiling` are a gauge's. A check of counters
    is decided by no less than `min_requests` events and fails by no less than `min_failures` bad ones, counted over
    the last `window` seconds (and over the whole gate). `failures` of the last `looks` looks may fail. `verb` says
    what bad events did. `judge` is who judges it; `baseline` counts the same events of the arm `baseline_arm`, and
    `baseline_gauge` is its value, for judges that compare, by these `margins` or this `analysis`. With `dry_run` it is
    judged and shown, and never decides.
    """

    name: str
    measure: Counters | Gauge
    limit: float = 0.0
    floor: float = -inf
    ceiling: float = inf
    arm: str = "canary"
    min_requests: int = 10
    min_failures: int = 3
    window: float = 60.0
    failures: int = 0
    looks: int = 1
    on_no_data: str = "wait"
    verb: str = "failed"
    judge: str = "threshold"
    margins: Margins = Margins()
    baseline: Counters | None = None
    baseline_arm: str = "stable"
    baseline_gauge: Gauge | None = None
    analysis: Analysis = field(default_factory=Analysis)
    dry_run: bool = False


def pod_of(series: Series) -> str:
    """Whom a series is counted for: its pod, else whoever exposes it."""
    return series.labels.get("pod") or series.labels.get("instance") or series.target


def _events(bad: float, total: float) -> Events:
    bad = max(0.0, bad)
    return Events(bad, max(bad, total))


def _any(selectors: Sequence[Selector], series: Series) -> bool:
    return any(selector.matches(series.name, series.labels) for selector in selectors)


def _exists(selector: Selector, series: Sequence[Series]) -> bool:
    return any(selector.matches(one.name, one.labels) for one in series)


def _per_pod(gains: Iterable[Gain]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for gain in gains:
        pod = pod_of(gain.series)
        sums[pod] = sums.get(pod, 0.0) + gain.amount
    return sums
