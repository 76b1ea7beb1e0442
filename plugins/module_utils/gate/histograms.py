# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What histograms say about slowness, whether their buckets are series of their own (classic) or of one (native)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from .grid import Grid, schema_of
from .increments import Gain
from .sources.source import Bucket, Series

_ROUNDED = 1e-12  # of a bucket's end, as far as it may be from the bound that it is meant to be


class NoBucket(Exception):
    """A histogram without a finite bucket at or above the bound that is asked for; the text lists those it has."""


@dataclass(slots=True)
class Classic:
    """The buckets of one histogram, by their label `le` as it is written."""

    series: dict[str, Series]

    @property
    def first(self) -> Series:
        return next(iter(self.series.values()))

    @property
    def top(self) -> str:
        return max(self.series, key=float)

    def chosen(self, bound: float) -> str:
        """The smallest finite bound that is not below the one asked for, compared as numbers. Raises NoBucket."""
        finite = [label for label in self.series if float(label) != inf]
        enough = [label for label in finite if float(label) >= bound]
        if not enough or self.top in finite:
            raise _no_bucket(bound, sorted(map(float, finite)))
        return min(enough, key=float)


def classic(series: Iterable[Series]) -> list[Classic]:
    """The classic histograms among these series."""
    groups: dict[object, Classic] = {}
    for one in series:
        if _is_number(one.labels.get("le", "")):
            key = (one.target, one.name, tuple(pair for pair in one.key[1] if pair[0] != "le"))
            groups.setdefault(key, Classic({})).series[one.labels["le"]] = one
    return list(groups.values())


def native(series: Iterable[Series]) -> list[Series]:
    return [one for one in series if one.buckets]


def mixed(series: Sequence[Series]) -> bool:
    """Whether some histograms are classic and others native, so that their buckets cannot be compared."""
    return bool(native(series)) and bool(classic(series))


def slower(gains: Sequence[Gain], bound: float) -> Iterator[tuple[Series, float, float]]:
    """Of each histogram a series, how many events were slower than the bound, and how many there were. Raises NoBucket.

    Only whole buckets tell: the one that holds the bound counts as quick.
    """
    amounts = {gain.series.key: gain.amount for gain in gains}
    for group in classic(gain.series for gain in gains):
        quick, every = (amounts[group.series[label].key] for label in (group.chosen(bound), group.top))
        yield group.first, max(0.0, every - quick), every
    for gain in gains:
        if gain.series.buckets:
            edge_of(gain.series, bound)
            slow = sum(one.events for one in gain.buckets if one.lower >= bound * (1 - _ROUNDED))
            yield gain.series, slow, gain.amount


def spread(gains: Sequence[Gain]) -> dict[float, float]:
    """Events of all histograms by the upper ends of their buckets, each event in one of them."""
    amounts = {gain.series.key: gain.amount for gain in gains}
    found: dict[float, float] = {}
    for group in classic(gain.series for gain in gains):
        below = 0.0
        for label in sorted(group.series, key=float):
            upto = amounts[group.series[label].key]
            found[float(label)] = found.get(float(label), 0.0) + max(0.0, upto - below)
            below = max(below, upto)
    for gain in gains:
        for one in gain.buckets:
            found[one.upper] = found.get(one.upper, 0.0) + one.events
    return found


def bounds(series: Sequence[Series], bound: float) -> list[float]:
    """The ends of buckets by which these histograms are judged. Raises NoBucket."""
    ends = {float(group.chosen(bound)) for group in classic(series)}
    return sorted(ends | {edge_of(one, bound) for one in native(series)})


def edge_of(series: Series, bound: float) -> float:
    """Where a native histogram's bucket ends that holds the bound. Raises NoBucket.

    Those of somebody's own choice are known only where there were events.
    """
    buckets: Sequence[Bucket] = series.buckets[series.timestamp]
    schema = schema_of(buckets)
    if schema is not None:
        return Grid(schema).edge(bound)
    if any(one.upper == inf and one.lower < bound * (1 - _ROUNDED) for one in buckets):
        raise _no_bucket(bound, sorted(one.upper for one in buckets if one.upper < inf))
    return min((one.upper for one in buckets if one.lower < bound <= one.upper), default=bound)


def _no_bucket(bound: float, ends: Sequence[float]) -> NoBucket:
    names = ", ".join(f"{value:g}" for value in ends) or "none, as of a native histogram that is read as text"
    return NoBucket(f"no bucket of the histogram ends at {bound:g} or above; its buckets end at {names}")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
