# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a check has been like of late, in stable: how many requests, how many of them bad, and how they cluster.

Sums of hours are PromQL's increase(), which is an estimate; that is enough to plan by. How failures cluster is learnt
as the gate itself will learn it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite

from ..check import Counters
from ..history import PER_MINUTE, cells
from ..selector import Selector
from ..sources.native import twin
from ..sources.prometheus import PrometheusSource
from ..sources.source import SourceError
from ..statistics.dispersion import Dispersion, estimate

HOUR = 3600.0
QUIET = 0.1  # of all hours, so many are as quiet as the quiet one

Hours = Mapping[float, float]  # end of the hour -> events in it


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests per second, hour by hour, and bad ones of all; no dispersion where too little is known of it."""

    rates: Sequence[float]
    bad: float
    total: float
    dispersion: Dispersion | None

    @property
    def rate(self) -> float:
        """Of the hour in the middle."""
        return sorted(self.rates)[len(self.rates) // 2]

    @property
    def quiet(self) -> float:
        return sorted(self.rates)[int(QUIET * len(self.rates))]

    @property
    def base(self) -> float:
        """Without one bad event, the share that three would make, which is not excluded (Hanley 1983)."""
        return min(1.0, (self.bad or 3.0) / self.total)


def measure(source: PrometheusSource, counters: Counters, days: float, history: float) -> Measured:
    """Raises SourceError, also where there were no requests."""
    span = max(HOUR, days * 24 * HOUR)
    every, part = _of(source, counters, span)
    total = sum(every.values())
    if total <= 0:
        asked = " and ".join(map(str, counters.all))
        raise SourceError("bad_answer", f"No requests were counted by {asked} in the last {days:g} days.")
    bad = total - sum(part.values()) if counters.good else sum(part.values())
    source.lookback = max(source.lookback, history)
    reading = source.read(counters.selectors())
    return Measured(
        rates=[count / HOUR for count in every.values()],
        bad=min(total, max(0.0, bad)),
        total=total,
        dispersion=estimate(cells(counters, reading), PER_MINUTE),
    )


def _of(source: PrometheusSource, counters: Counters, span: float) -> tuple[Hours, Hours]:
    """All events by hour, and those of the part."""
    if counters.bound is None:
        every, part = (_added([_hours(source, one, span) for one in kind]) for kind in (counters.all, counters.part))
        return every, part
    totals: list[Hours] = []
    slow: list[Hours] = []
    for selector in counters.all:
        buckets = _buckets(source, selector, span)
        if not buckets:
            for kind, hours in zip((totals, slow), _native(source, selector, span, counters.bound), strict=True):
                kind.append(hours)
            continue
        quick = min((edge for edge in buckets if edge >= counters.bound), default=inf)
        whole = buckets[max(buckets)]
        totals.append(whole)
        slow.append({at: max(0.0, count - buckets[quick].get(at, 0.0)) for at, count in whole.items()})
    return _added(totals), _added(slow)


def _hours(source: PrometheusSource, selector: Selector, span: float) -> Hours:
    found = source.ranged(f"sum(increase({selector}[1h]))", span, HOUR)
    return _added([{sample.at: sample.value for sample in samples} for _labels, samples in found])


def _buckets(source: PrometheusSource, selector: Selector, span: float) -> dict[float, Hours]:
    found = source.ranged(f"sum by (le) (increase({selector}[1h]))", span, HOUR)
    return {float(labels["le"]): {one.at: one.value for one in samples} for labels, samples in found if "le" in labels}


def _native(source: PrometheusSource, selector: Selector, span: float, bound: float) -> tuple[Hours, Hours]:
    """Events of native histograms by hour, and those that were slower than the bound, as the server estimates them."""
    one = twin(selector)
    grown = f"sum(increase({one}[1h]))"
    every = f"histogram_count({grown})"
    slow = f"{every} * (1 - histogram_fraction(-Inf, {bound:g}, {grown}))"
    try:
        found = [source.ranged(asked, span, HOUR) for asked in (every, slow)] if one else [[], []]
    except SourceError as error:
        if error.kind != "bad_query":  # which it is to who knows no such histograms
            raise
        return {}, {}
    total, beyond = (
        _added([{sample.at: sample.value for sample in samples} for _labels, samples in kind]) for kind in found
    )
    return total, beyond


def _added(kinds: Sequence[Hours]) -> Hours:
    sums: dict[float, float] = {}
    for kind in kinds:
        for at, count in kind.items():
            if isfinite(count):
                sums[at] = sums.get(at, 0.0) + count
    return sums
