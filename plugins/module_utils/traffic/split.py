# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A split: which backend gets how much of the traffic, in whole percent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .apportion import apportion
from .errors import TrafficError


@dataclass(frozen=True, slots=True)
class Split:
    """Ordered pairs of a backend's logical name and its weight. Two splits are equal when every weight is."""

    weights: tuple[tuple[str, int], ...]

    @classmethod
    def parse(cls, mapping: object, *, field: str = "split") -> Split:
        """From an option: names to integers from 0 to 100 that sum to 100. Raises TrafficError `bad_split`."""
        if not isinstance(mapping, Mapping) or not mapping:
            raise _bad(f"{field} is {mapping!r}; write a mapping of backend to weight, such as {_EXAMPLE}.")
        split = cls(tuple((str(name), _weight(field, name, value)) for name, value in mapping.items()))
        if split.total != 100:
            raise _bad(f"{field} sums to {split.total} ({split.describe()}); weights are percent and must sum to 100.")
        return split

    @classmethod
    def of_shares(cls, shares: Mapping[str, int]) -> Split:
        """Any weights as percent, rounded; a backend that gets anything at all is never shown as 0."""
        percent = apportion(list(shares.values()), 100)
        return cls(tuple(zip(shares, percent, strict=True)))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, weight in self.weights)

    @property
    def total(self) -> int:
        return sum(weight for name, weight in self.weights)

    def __getitem__(self, name: str) -> int:
        return dict(self.weights)[name]

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(self.weights)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Split) and dict(self.weights) == dict(other.weights)

    def __hash__(self) -> int:
        return hash(frozenset(self.weights))

    def as_dict(self) -> dict[str, int]:
        return dict(self.weights)

    def describe(self) -> str:
        """For people: `stable 90 %, canary 10 %`."""
        return ", ".join(f"{name} {weight} %" for name, weight in self.weights)

    def is_made_by(self, shares: Mapping[str, int]) -> bool:
        """Whether these weights, on any scale, are exactly this split (9 and 1 are 90 % and 10 %)."""
        whole = sum(shares.values())
        return whole > 0 and all(shares.get(name, 0) * 100 == weight * whole for name, weight in self.weights)


_EXAMPLE = "{stable: 90, canary: 10}"


def _bad(message: str) -> TrafficError:
    return TrafficError("bad_split", message)


def _weight(field: str, name: object, value: Any) -> int:
    # Templates may hand over "10"; a fraction or a truth value is a mistake and not rounded away.
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}", value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
        raise _bad(f"{field}.{name} is {value!r}; a weight is a whole number from 0 to 100.")
    return value
