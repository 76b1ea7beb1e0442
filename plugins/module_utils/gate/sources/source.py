# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What measurements look like, wherever they come from, and what every source can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple, Protocol

from ..selector import Selector

SeriesKey = tuple[str, tuple[tuple[str, str], ...]]


class Sample(NamedTuple):
    """A value and when it was so (seconds since the Unix epoch)."""

    at: float
    value: float


class Bucket(NamedTuple):
    """How many events were above `lower` and not above `upper`."""

    lower: float
    upper: float
    events: float


@dataclass(frozen=True, slots=True)
class Series:
    """One time series of one reading: at least one sample, the oldest first. `target` is the name of who exposes it.

    Samples of a native histogram are the count of all its events; `buckets` are those with any, by the samples' times.
    """

    key: SeriesKey
    labels: Mapping[str, str]
    samples: tuple[Sample, ...]
    target: str
    buckets: Mapping[float, Sequence[Bucket]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        name: str,
        labels: Mapping[str, str],
        samples: Sequence[Sample],
        target: str,
        buckets: Mapping[float, Sequence[Bucket]] | None = None,
    ) -> Series:
        return cls((name, tuple(sorted(labels.items()))), labels, tuple(samples), target, buckets or {})

    @property
    def name(self) -> str:
        return self.key[0]

    @property
    def value(self) -> float:
        """The latest value."""
        return self.samples[-1].value

    @property
    def timestamp(self) -> float:
        """When the latest value was so."""
        return self.samples[-1].at


@dataclass(frozen=True, slots=True)
class Target:
    """Who exposes metrics: mostly a pod.

    `group` is the subject's arm it belongs to, `scrapes` when it was read in this reading (any number of times),
    `started` when its process began to count, `incarnation` differs for another process of the same name, and `error`
    says why it could not be read.
    """

    name: str
    group: str = ""
    scrapes: tuple[float, ...] = ()
    started: float | None = None
    incarnation: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a free query gave: values by their labels, or why there is none.

    `lasting` marks an error that asking again will not mend, such as a mistake in the query.
    """

    values: tuple[tuple[Mapping[str, str], float], ...] = ()
    error: str = ""
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a source, taken at `at` (seconds since the Unix epoch).

    `answers` are those to free expressions, `max_age` is how old (seconds) the newest sample of a living series may be.
    """

    at: float
    series: tuple[Series, ...]
    targets: tuple[Target, ...] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    max_age: float = inf

    def select(self, selector: Selector) -> list[Series]:
        return [series for series in self.series if selector.matches(series.name, series.labels)]


class SourceError(Exception):
    """A source that gave no reading. `kind` is a word for machines, the text one or two sentences for people.

    Kinds: unreachable, timeout, refused (credentials), bad_query, server_error, bad_answer, no_targets.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Source(Protocol):
    """Where measurements come from. No method takes longer than the source's time-out."""

    def read(self, selectors: Sequence[Selector], expressions: Sequence[str] = ()) -> Reading:
        """Every series that any of the selectors means, and what each free expression gives. Raises SourceError."""

    def describe(self) -> str:
        """Kind and place, without secrets: `Prometheus at http://prometheus:9090`."""

    def sent(self, selectors: Sequence[Selector]) -> list[str]:
        """The questions as they are asked for these selectors."""

    def names(self) -> list[str]:
        """The names of all metrics there are. Raises SourceError."""

    def label_sets(self, name: str) -> list[Mapping[str, str]]:
        """The labels of the series of one metric; of very many only some. Raises SourceError."""
