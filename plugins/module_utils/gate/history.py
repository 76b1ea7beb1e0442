# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was counted before the gate began, minute by minute, from the samples that its first reading brought along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import floor

from .check import Counters, Events, NoBucket
from .increments import Gain, Increments
from .sources.source import Reading

MINUTE = 60.0


def minutes(measure: Counters, reading: Reading) -> list[Mapping[str, Events]]:
    """Events per pod in each whole minute; nothing where a source keeps no samples, or has no such bucket."""
    try:
        return [measure.count(gains) for gains in _minutes(measure, reading)]
    except NoBucket:
        return []


def slowness(measure: Counters, reading: Reading) -> list[Mapping[float, float]]:
    """The histogram of each whole minute."""
    return [measure.histogram(gains) for gains in _minutes(measure, reading)]


def _minutes(measure: Counters, reading: Reading) -> Iterator[list[Gain]]:
    mine = [one for one in reading.series if any(s.matches(one.name, one.labels) for s in measure.selectors())]
    begun = min((one.samples[0].at for one in mine), default=reading.at)
    count = floor((reading.at - begun) / MINUTE)
    ends = [reading.at - MINUTE * (count - number) for number in range(count + 1)]
    increments = Increments()
    for number, end in enumerate(ends):
        start = ends[number - 1] if number else float("-inf")
        parts = [replace(one, samples=tuple(s for s in one.samples if start < s.at <= end)) for one in mine]
        gains = increments.add(Reading(end, tuple(part for part in parts if part.samples)))
        if number:
            yield gains
