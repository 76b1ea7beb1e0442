# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Buckets of native histograms, made alike where some are finer than others.

A native histogram of schema s has its buckets end at the powers of 2 ** (2 ** -s), so that those of a lower schema hold
whole ones of a higher. A client that runs out of buckets goes to a lower schema by itself, or lets the bucket around
zero hold more. Two histograms can be compared, and subtracted, in the coarsest that both have.
https://prometheus.io/docs/specs/native_histograms/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, inf, log2

from .sources.source import Bucket

FINEST = 8  # the highest schema there is
_NEAR = 1e-6  # of a whole number, so near is one
_KNOWN = 4096


@dataclass(frozen=True, slots=True)
class Grid:
    """The schema in which all histograms so far can be told, and up to where the bucket around zero reaches in any.

    Histograms with buckets of their own choice are left as they are: they have the same ones everywhere.
    """

    schema: int = FINEST
    zero: float = 0.0

    def fitting(self, buckets: Sequence[Bucket]) -> Grid:
        """Coarse enough for this histogram, too."""
        schema = schema_of(buckets)
        if schema is None:
            return self
        zero = max((one.upper for one in buckets if _around_zero(one)), default=0.0)
        if schema >= self.schema and zero <= self.zero:
            return self
        return Grid(min(schema, self.schema), max(zero, self.zero))

    def place(self, buckets: Sequence[Bucket]) -> dict[float, Bucket]:
        """By their ends, put together as far as this grid needs it. It must fit the histogram."""
        if schema_of(buckets) is None:
            return {one.upper: one for one in buckets}
        found: dict[float, Bucket] = {}
        zero = self.edge(self.zero) if self.zero > 0 else 0.0
        for one in buckets:
            lower, upper = one.lower, one.upper
            if upper <= zero or upper <= 0:
                lower, upper = -inf, zero
            elif upper < inf:
                lower, upper = _ends(self.schema, upper)
                lower, upper = (-inf, zero) if upper <= zero else (lower, upper)
            before = found.get(upper)
            found[upper] = Bucket(lower, upper, one.events + (before.events if before else 0.0))
        return found

    def edge(self, value: float) -> float:
        """The end of the bucket that holds a value above 0."""
        return _ends(self.schema, value)[1]


def grown(before: Mapping[float, Bucket], now: Mapping[float, Bucket]) -> dict[float, Bucket] | None:
    """What each bucket has gained between two histograms on one grid; None if any has lost some, which is a restart."""
    if any(one.events > (now[upper].events if upper in now else 0.0) for upper, one in before.items()):
        return None
    gains = {
        upper: one._replace(events=one.events - (before[upper].events if upper in before else 0.0))
        for upper, one in now.items()
    }
    return {upper: one for upper, one in gains.items() if one.events > 0}


def schema_of(buckets: Sequence[Bucket]) -> int | None:
    """FINEST where there is only the bucket around zero, None if they are of somebody's own choice."""
    found = {_schema(one.lower, one.upper) for one in buckets if one.lower > 0 and one.upper < inf}
    if not found:
        return FINEST if all(map(_around_zero, buckets)) else None
    return found.pop() if len(found) == 1 else None


def _around_zero(bucket: Bucket) -> bool:
    return bucket.lower == -bucket.upper


# The same few buckets come again with each scrape, so what they are is reckoned once.
@lru_cache(maxsize=_KNOWN)
def _schema(lower: float, upper: float) -> int | None:
    octaves = log2(upper / lower)
    schema = round(-log2(octaves)) if octaves > 0 else FINEST + 1
    number = log2(upper) * 2.0**schema
    if schema > FINEST or abs(octaves * 2.0**schema - 1) > _NEAR or abs(number - round(number)) > _NEAR:
        return None
    return schema


@lru_cache(maxsize=_KNOWN)
def _ends(schema: int, value: float) -> tuple[float, float]:
    """Of the bucket that holds a value above 0."""
    steps = 2.0**schema  # buckets to an octave
    number = ceil(log2(value) * steps - _NEAR)
    return 2.0 ** ((number - 1) / steps), 2.0 ** (number / steps) if number / steps < 1024 else inf
