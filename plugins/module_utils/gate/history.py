# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was counted before the gate began, by quarters of a minute, from the samples that a first reading brings."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import floor
from typing import TypeVar

from .check import Counters, Events
from .evidence import Look
from .histograms import NoBucket
from .increments import Gain, Increments
from .sources.source import Reading

CELL = 15.0  # seconds
PER_MINUTE = 4
T = TypeVar("T")


Before = tuple[Sequence[Mapping[str, Events]], Sequence[Mapping[float, float]]]


def recall(
    canary: Counters, baseline: Counters, reading: Reading, since: float, warm_up: float = 0.0
) -> tuple[Before, list[Look]]:
    """What the baseline counted before `since`, and looks at both arms from then on."""
    count = max(0, floor((reading.at - since) / CELL))
    theirs, mine = cells(baseline, reading, warm_up), _latest(cells(canary, reading, warm_up), count, {})
    slow = [slowness(one, reading, warm_up) if baseline.whole else [] for one in (canary, baseline)]
    histograms = [_latest(one, count, {}) for one in slow]
    keep = len(theirs) - min(count, len(theirs))
    looks = [
        Look(reading.at - CELL * (count - 1 - place), pods, baseline=others,
             slowness=(histograms[0][place], histograms[1][place]) if baseline.whole else None)
        for place, (pods, others) in enumerate(zip(mine, _latest(theirs, count, {}), strict=True))
    ]  # fmt: skip
    return (theirs[:keep], slow[1][:keep]), looks


def _latest(found: Sequence[T], count: int, nothing: T) -> list[T]:
    """The last so many, filled up at the front."""
    kept = list(found)[len(found) - min(count, len(found)) :]
    return [nothing] * (count - len(kept)) + kept


def cells(measure: Counters, reading: Reading, warm_up: float = 0.0) -> list[Mapping[str, Events]]:
    """Events per pod in each whole cell; nothing where a source keeps no samples, or has no such bucket."""
    try:
        return [measure.count(gains) for gains in _cells(measure, reading, warm_up)]
    except NoBucket:
        return []


def slowness(measure: Counters, reading: Reading, warm_up: float = 0.0) -> list[Mapping[float, float]]:
    """The histogram of each whole cell."""
    return [measure.histogram(gains) for gains in _cells(measure, reading, warm_up)]


def _cells(measure: Counters, reading: Reading, warm_up: float) -> Iterator[list[Gain]]:
    mine = [one for one in reading.series if any(s.matches(one.name, one.labels) for s in measure.selectors())]
    begun = min((one.samples[0].at for one in mine), default=reading.at)
    count = floor((reading.at - begun) / CELL)
    ends = [reading.at - CELL * (count - number) for number in range(count + 1)]
    moments = [[sample.at for sample in one.samples] for one in mine]
    increments = Increments(warm_up, {one.name: one.started for one in reading.targets if one.started is not None})
    start = [0] * len(mine)
    for number, end in enumerate(ends):
        stop = [bisect_right(at, end) for at in moments]
        found = zip(mine, start, stop, strict=True)
        parts = tuple(replace(one, samples=one.samples[low:high]) for one, low, high in found if high > low)
        start = stop
        gains = increments.add(Reading(end, parts))
        if number:
            yield gains
