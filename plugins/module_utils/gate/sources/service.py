# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services that are asked in a language of their own: from what they give to what a gate counts.

A question about events is asked for the whole time since the gate began, at every look. So its answer grows as a
counter does, and events that the service learns of late are still counted, once, at the look that first shows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import fsum, isfinite, nan
from typing import NamedTuple, Protocol

from ...clock import Clock
from ..selector import Selector
from ..workers import Workers
from .source import Answer, Reading, Sample, Series, SeriesKey, SourceError, Target
from .together import together


class Span(NamedTuple):
    """From when to when (seconds since the Unix epoch)."""

    start: float
    end: float


class Points(NamedTuple):
    """What a question gives for one combination of labels, the oldest first: values, or events at each moment."""

    labels: Mapping[str, str]
    samples: Sequence[Sample]


class Service(Protocol):
    """One service's way of being asked."""

    def ask(self, question: str, span: Span) -> Sequence[Points]:
        """Raises SourceError."""

    def describe(self) -> str:
        """Kind and place, without secrets."""


@dataclass(slots=True)
class ServiceSource:
    """A source made of a service. A value is the newest of the last `window` seconds.

    `pod_label` is what the service calls the label that says which pod a series comes from. With `running_total` a
    question about events gives how many there have ever been, and not those within the span.
    """

    service: Service
    clock: Clock
    workers: Workers
    timeout: float
    window: float = 300.0
    pod_label: str = "pod"
    running_total: bool = False
    _begin: float | None = None
    _before: dict[SeriesKey, float] = field(default_factory=dict)  # what the first look has found
    _counted: dict[SeriesKey, float] = field(default_factory=dict)

    def read(self, selectors: Sequence[Selector], expressions: Sequence[str] = ()) -> Reading:
        at = self.clock.wall()
        recent = Span(at - self.window, at)
        begin, first = (at, True) if self._begin is None else (self._begin, False)
        # The first look only finds out what there is, for which it must look back.
        since = recent if first else Span(begin, at)
        questions = [(one.name, since) for one in selectors] + [(one, recent) for one in expressions]
        answers = together(
            self.workers,
            [(f"`{question}`", partial(self.service.ask, question, span)) for question, span in questions],
            self.timeout,
            self.describe(),
        )
        self._raise_if_mute(answers)
        series = [
            one
            for selector, answer in zip(selectors, answers, strict=False)
            for one in self._series(selector.name, _given(answer), at, None if first else begin)
        ]
        self._begin = begin
        free = {one: _answer(answer) for one, answer in zip(expressions, answers[len(selectors) :], strict=True)}
        return Reading(at, tuple(series), (Target(self.describe(), scrapes=(at,)),), free)

    def describe(self) -> str:
        return self.service.describe()

    def sent(self, selectors: Sequence[Selector]) -> list[str]:
        return [selector.name for selector in selectors]

    def names(self) -> list[str]:
        raise SourceError("bad_query", f"{self.describe()} has no list of all that can be asked for.")

    def label_sets(self, name: str) -> list[Mapping[str, str]]:
        raise SourceError("bad_query", f"{self.describe()} has no list of the labels of `{name}`.")

    def _raise_if_mute(self, answers: Sequence[object]) -> None:
        """A service that answers nothing is no reading; a mistake in a question is that question's alone."""
        errors = [answer for answer in answers if isinstance(answer, SourceError)]
        if errors and len(errors) == len(answers) and errors[0].kind != "bad_query":
            raise errors[0]

    def _series(self, question: str, answer: Sequence[Points], at: float, begin: float | None) -> Sequence[Series]:
        """A counter for each combination of labels; without `begin` it is where it is counted from."""
        totals: dict[SeriesKey, float] = {}
        found: dict[SeriesKey, Mapping[str, str]] = {}
        for points in answer:
            labels = {**points.labels}
            if self.pod_label in labels:
                labels["pod"] = labels[self.pod_label]
            key = Series.of(question, labels, (), "").key
            found[key] = labels
            totals[key] = totals.get(key, 0.0) + self._total(points.samples, begin)
        if begin is None:
            self._before |= totals
        for key, total in totals.items():
            if self.running_total or begin is None:
                self._counted[key] = total
            else:
                # A service that revises an answer downwards has not begun to count anew.
                since = self._before.get(key, 0.0) + total
                self._counted[key] = max(since, self._counted.get(key, 0.0))
        target = self.describe()
        return [Series(key, found[key], (Sample(at, self._counted[key]),), target) for key in totals]

    def _total(self, samples: Sequence[Sample], begin: float | None) -> float:
        if self.running_total:
            return samples[-1].value if samples else nan
        return fsum(one.value for one in samples if (begin is None or one.at >= begin) and isfinite(one.value))


def _given(answer: Sequence[Points] | SourceError) -> Sequence[Points]:
    if isinstance(answer, SourceError):
        raise answer
    return answer


def _answer(answer: Sequence[Points] | SourceError) -> Answer:
    if isinstance(answer, SourceError):
        return Answer(error=str(answer), lasting=answer.kind == "bad_query")
    return Answer(tuple((points.labels, points.samples[-1].value) for points in answer if points.samples))
