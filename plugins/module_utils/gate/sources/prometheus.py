# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prometheus and whatever answers its HTTP API.

Counters are read as range vectors, that is as the very samples that were scraped, and all questions of one look are
asked for the same moment. https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from math import ceil
from typing import Any

from ...clock import Clock
from ..selector import Matcher, Selector, merge, one_of
from ..workers import Workers
from .http import JsonClient
from .native import as_buckets, read_native, twin
from .source import Answer, Reading, Sample, Series, SeriesKey, SourceError, Target
from .together import together

# How far back the first look searches for a counter's latest sample; Prometheus' own idea of "now" reaches as far.
LOOKBACK = 300.0
# Taken for the scrape interval until two samples have shown it.
SCRAPE_INTERVAL = 30.0
_MANY = "1000"
Births = Callable[[], Mapping[str, float]]


@dataclass(slots=True)
class PrometheusSource:
    """One server. `births` gives the start of pods by name, as far as it is known."""

    client: JsonClient
    clock: Clock
    workers: Workers
    timeout: float
    births: Births = dict
    pod_label: str = "pod"
    lookback: float = LOOKBACK
    _offset: float | None = None
    _until: float | None = None
    _fresh: tuple[tuple[str, str], ...] = ()
    _asked: float = LOOKBACK
    _spacing: float = SCRAPE_INTERVAL
    _classic: set[str] = field(default_factory=set)  # names of histograms' buckets that were found
    _native: set[str] = field(default_factory=set)  # those that native histograms answer to
    _known: set[SeriesKey] = field(default_factory=set)
    _targets: set[str] = field(default_factory=set)

    def read(self, selectors: Sequence[Selector], expressions: Sequence[str] = ()) -> Reading:
        at = self._now()
        window = self._asked = self._window(at)
        asked = merge(selectors)
        twins = [one for one in map(twin, asked) if one is not None]
        ranges = [f"{selector}[{_duration(window)}]" for selector in (*asked, *twins)]
        answers = self._ask_all([*ranges, *expressions], at)
        series = [one for answer in answers[: len(asked)] for one in self._series(_successful(answer))]
        series += self._natives(series, answers[len(asked) : len(ranges)])
        targets = self._described(series, at, window)
        self._until = at
        self._spacing = min(filter(None, (_spacing(one.samples) for one in series)), default=self._spacing)
        free = dict(zip(expressions, map(_answer, answers[len(ranges) :]), strict=True))
        return Reading(at, tuple(series), tuple(targets), free, self._patience())

    def describe(self) -> str:
        return self.client.describe()

    def sent(self, selectors: Sequence[Selector]) -> list[str]:
        window, asked = _duration(self._asked), merge(selectors)
        pairs = [(selector.name, twin(selector)) for selector in asked]
        # Of two questions for one histogram, the one that finds it; both while neither does.
        classic = [one for one in asked if one.name not in self._native or one.name in self._classic]
        natives = [one for name, one in pairs if one and (name in self._native or name not in self._classic)]
        return [f"{selector}[{window}]" for selector in (*classic, *natives)]

    def names(self) -> list[str]:
        """The names of all metrics."""
        return [str(name) for name in self._list("/api/v1/label/__name__/values", [])]

    def scraped(self, pods: Sequence[str]) -> set[str]:
        """Those of the pods that have been read at least once, by the server's own `up`. Raises SourceError."""
        query = f"{Selector('up', (one_of(self.pod_label, pods),))} == 1"
        answer = _answer(self._ask_all([query], self._now())[0])
        return {labels[self.pod_label] for labels, _value in answer.values if self.pod_label in labels}

    def ranged(self, query: str, span: float, step: float) -> list[tuple[Mapping[str, str], tuple[Sample, ...]]]:
        """What a query gave every `step` seconds of the last `span`, by labels. Raises SourceError."""
        at = self._now()
        times = [("start", f"{at - span + step:.3f}"), ("end", f"{at:.3f}"), ("step", f"{step:g}")]
        asked = partial(self.client.ask, "/api/v1/query_range", [("query", query), *times], about=f"`{query}`")
        (answer,) = self._together([(f"`{query}`", asked)])
        found = self._data(_successful(answer))
        with self.client.taking_apart(answer):
            return [
                (dict(item["metric"]), tuple(Sample(float(when), float(value)) for when, value in item["values"]))
                for item in found
            ]

    def label_sets(self, name: str) -> list[Mapping[str, str]]:
        """The labels of the series of one metric that were there lately; of very many only some."""
        at = self._now()
        start, end = f"{at - LOOKBACK:.3f}", f"{at:.3f}"
        found: list[Any] = []
        for selector in filter(None, (Selector(name), twin(Selector(name)))):
            parameters = [("match[]", str(selector)), ("start", start), ("end", end), ("limit", _MANY)]
            found = found or self._list("/api/v1/series", parameters)
        return [dict(labels) for labels in found if isinstance(labels, Mapping)]

    def _patience(self) -> float:
        """How old the newest sample of a healthy target may be: it arrives when its scrape is done, or the next is."""
        return 3 * self._spacing + 5

    def _window(self, at: float) -> float:
        """Back to where the look before ended, and then far enough not to miss what arrived late."""
        return self.lookback if self._until is None else min(LOOKBACK, at - self._until + self._patience())

    def _now(self) -> float:
        """The server's time: of a sample only the server's clock tells how old it is."""
        if self._offset is None:
            answer = self._ask_all(["time()"], None)[0]
            if _successful(answer).get("data", {}).get("resultType") == "vector":
                # VictoriaMetrics, which keeps the last 30 s to itself unless it is asked for what is not in its cache.
                self._fresh = (("nocache", "1"),)
                answer = self._ask_all(["time()"], None)[0]
            values = _answer(answer).values
            if len(values) != 1:
                raise self.client.odd(answer)
            self._offset = values[0][1] - self.clock.wall()
        return self.clock.wall() + self._offset

    def _list(self, path: str, parameters: Sequence[tuple[str, str]]) -> list[Any]:
        (answer,) = self._together([(f"`{path}`", partial(self.client.ask, path, parameters))])
        data = _successful(answer).get("data")
        return data if isinstance(data, list) else []

    def _ask_all(self, queries: Sequence[str], at: float | None) -> list[Any]:
        """The answer to each query, or the SourceError that came instead; all within the time-out."""
        moment = [] if at is None else [("time", f"{at:.3f}")]
        ask = self.client.ask
        return self._together(
            [
                (f"`{q}`", partial(ask, "/api/v1/query", [("query", q), *moment, *self._fresh], about=f"`{q}`"))
                for q in queries
            ]
        )

    def _together(self, calls: Sequence[tuple[str, Callable[[], Any]]]) -> list[Any]:
        return together(self.workers, calls, self.timeout, self.describe())

    def _data(self, answer: Any) -> Any:
        data = _successful(answer).get("data")
        if not isinstance(data, Mapping) or "resultType" not in data:
            raise self.client.odd(answer)
        return data.get("result")

    def _series(self, answer: Any) -> list[Series]:
        found = []
        with self.client.taking_apart(answer):
            for item in self._data(answer):
                labels = {str(name): str(value) for name, value in item["metric"].items()}
                name = labels.pop("__name__", "")
                samples, buckets = read_native(item)
                samples = [Sample(float(at), float(value)) for at, value in item.get("values") or ()] or samples
                if samples:
                    found.append(Series.of(name, labels, samples, _identity(name, labels), buckets))
        return found

    def _natives(self, classic: Sequence[Series], answers: Sequence[Any]) -> list[Series]:
        """What was found without being asked for by name; so only those that are known by now may be missed."""
        self._classic |= {one.name for one in classic}
        given = [one for one in answers if self._native or not isinstance(one, SourceError)]
        found = as_buckets([one for answer in given for one in self._series(_successful(answer))], classic)
        self._native |= {one.name for one in found}
        return found

    def _described(self, series: Sequence[Series], at: float, window: float) -> list[Target]:
        """Since when the targets of new series have been scraped: only so is it known what a first value means."""
        new = {one.target: one for one in series if one.key not in self._known and one.target not in self._targets}
        scrapes = self._scrapes(list(new.values()), at, window) if self._until is not None else {}
        births = self.births()
        self._known |= {one.key for one in series}
        self._targets |= {one.target for one in series}
        targets = {}
        for one in series:
            pod = one.labels.get(self.pod_label, "")
            seen = scrapes.get(one.target, ())
            targets[one.target] = Target(one.target, scrapes=tuple(seen), started=births.get(pod))
        return list(targets.values())

    def _scrapes(self, new: Sequence[Series], at: float, window: float) -> dict[str, list[float]]:
        """When Prometheus read these targets, by its own `up`; nothing where it keeps none."""
        jobs: dict[str, set[str]] = {}
        for one in new:
            if "instance" in one.labels:
                jobs.setdefault(one.labels.get("job", ""), set()).add(one.labels["instance"])
        queries = [
            f"{Selector('up', (Matcher('job', '=', job), one_of('instance', sorted(instances))))}[{_duration(window)}]"
            for job, instances in sorted(jobs.items())
        ]
        found: dict[str, list[float]] = {}
        for answer in self._ask_all(queries, at) if queries else []:
            if not isinstance(answer, SourceError):
                for up in self._series(answer):
                    found[up.target] = [sample.at for sample in up.samples if sample.value == 1]
        return found


def _identity(name: str, labels: Mapping[str, str]) -> str:
    """Who exposes a series. One pod may be scraped at several ports; what a rule has computed has no such label."""
    if "instance" not in labels:
        return f"{name}{sorted(labels.items())}"
    return f"{labels.get('job', '')} {labels['instance']}"


def _successful(answer: Any) -> Mapping[str, Any]:
    if isinstance(answer, SourceError):
        raise answer
    if not isinstance(answer, Mapping) or answer.get("status") != "success":
        raise SourceError(
            "bad_answer", f"The source answered with JSON that is no answer to a query: {str(answer)[:120]}."
        )
    return answer


def _number(pair: Any) -> float:
    try:
        return float(pair[1])
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise SourceError(
            "bad_answer", f"The source gave {pair!r:.60} where a time and a number are expected."
        ) from error


def _answer(answer: Any) -> Answer:
    """What a free query gave; a mistake in one does not hide the others."""
    try:
        data = _successful(answer).get("data")
        kind, result = (data.get("resultType"), data.get("result")) if isinstance(data, Mapping) else (None, None)
        if kind == "scalar":
            return Answer((({}, _number(result)),))
        if kind == "vector" and isinstance(result, list):
            return Answer(tuple((dict(item.get("metric") or {}), _number(item.get("value"))) for item in result))
    except SourceError as error:
        return Answer(error=str(error), lasting=error.kind == "bad_query")
    return Answer(
        error=f"the query gives a {kind or 'result of no known kind'} where one number is expected", lasting=True
    )


def _spacing(samples: Sequence[Sample]) -> float:
    """The time between two samples, 0.0 if there are no two. Gaps only ever make it longer, so the shortest counts."""
    return min((after.at - before.at for before, after in pairwise(samples)), default=0.0)


def _duration(seconds: float) -> str:
    return f"{ceil(seconds)}s"
