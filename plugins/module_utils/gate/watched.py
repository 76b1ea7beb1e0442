# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One check under watch: what it asks for, what each look showed, and what is thought of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import fsum, isfinite, isnan

from .check import Check, Counters, Events, Gauge, pod_of
from .evidence import Evidence, Look
from .histograms import NoBucket, mixed
from .history import recall
from .increments import Gain
from .judges.judge import Judge, Opinion, Verdict
from .selector import Selector
from .sources.source import Answer, Reading, Series
from .tally import Tally
from .text import seconds

_MIXED = (
    "some of its pods have classic histograms and others native ones, which cannot be compared; let the metrics server "
    "keep the classic ones of all"
)


# Looks that a result tells one by one.
RETURNED = 120


@dataclass(slots=True)
class Watched:
    """The state of one check in a gate.

    `series` is how many series its latest look with data rested on, `buckets` by which of a histogram it is judged,
    `unmatched` are the selectors of bad (or good) events while no series fits any of them, `tally` counts by label, and
    `weighed` are the evidence against and for it (natural logarithms) by the time of the latest looks.
    """

    check: Check
    measure: Counters | Gauge
    against: Counters | None = None  # the same of the arm that is compared with
    patience: int = 5
    evidence: Evidence = field(default_factory=Evidence)
    opinion: Opinion = field(default_factory=lambda: Opinion(Verdict.UNDECIDED, "not looked at yet"))
    series: int = 0
    buckets: str = ""
    unmatched: Sequence[Selector] = ()
    tally: Tally = field(default_factory=Tally)
    weighed: deque[tuple[float, float, float]] = field(default_factory=partial(deque, maxlen=RETURNED))
    _failing: deque[bool] = field(default_factory=deque)

    @classmethod
    def of(cls, check: Check, patience: int) -> Watched:
        return cls(check, check.measure, check.baseline, patience, _failing=deque(maxlen=check.looks))

    def anew(self) -> Watched:
        """The same check before anything was seen of it but what the baseline was like before."""
        fresh = Watched(self.check, self.measure, self.against, self.patience, buckets=self.buckets)
        fresh._failing = deque(maxlen=self.check.looks)
        fresh.evidence.history = self.evidence.history
        fresh.evidence.slowness_history = self.evidence.slowness_history
        return fresh

    def selectors(self) -> Sequence[Selector]:
        if isinstance(self.measure, Counters):
            return (*self.measure.selectors(), *(self.against.selectors() if self.against else ()))
        return [one.selector for one in self._gauges() if one.selector]

    def expressions(self) -> Sequence[str]:
        return [one.expression for one in self._gauges() if one.expression]

    def see(self, reading: Reading, gains: Sequence[Gain]) -> Look:
        """What a reading says of this check. Of its evidence nothing is kept yet."""
        if isinstance(self.measure, Counters):
            # Of a thousand pods' series most are other checks'; to ask each selector of all of them would take seconds.
            names = {one.name for one in self.selectors()}
            mine = tuple(one for one in reading.series if one.name in names)
            return self._count(
                self.measure, replace(reading, series=mine), [one for one in gains if one.series.name in names]
            )
        look = self._value(self.measure, reading)
        if self.check.baseline_gauge is None:
            return look
        other = self._value(self.check.baseline_gauge, reading)
        return replace(look, error=look.error or other.error, baseline_value=other.value)

    def refusal(self, reading: Reading) -> str:
        """Why this check can never be judged, by what a first reading shows; "" if nothing speaks against it."""
        if isinstance(self.measure, Counters):
            try:
                if self.measure.bound is not None:
                    self.measure.buckets([one for one in reading.series if meant(self.measure.all, one)])
            except NoBucket as error:
                return str(error)
            return _MIXED if self.measure.whole and mixed(_fresh(self._both(self.measure, reading), reading)) else ""
        answer = reading.answers.get(self.measure.expression, Answer())
        return _value(reading.at, answer).error if answer.lasting or len(answer.values) > 1 else ""

    def remember(self, reading: Reading, since: float, warm_up: float = 0.0) -> None:
        """Learn how the other arm was before `since`, and what both have shown from then on until the gate began.

        Of the samples that a first reading brings along; so the stages of a rollout are judged as one.
        """
        if self.against is None or not isinstance(self.measure, Counters):
            return
        before, looks = recall(self.measure, self.against, reading, since, warm_up)
        self.evidence.history, self.evidence.slowness_history = before
        for look in looks:
            self.evidence.add(look)

    def judge(self, judge: Judge, *, final: bool) -> None:
        """Form an opinion after the latest look."""
        self.opinion = judge.opinion(self.check, self.evidence, final=final)
        self._failing.append(self.opinion.verdict is Verdict.FAIL)
        found, latest = self.opinion.assessment, self.evidence.latest
        if found is not None and latest is not None:
            self.weighed.append((latest.at, found.log_e_rollback, found.log_e_promote))

    @property
    def failed(self) -> bool:
        """Whether more of the latest looks have failed than may."""
        return self._failing.count(True) > self.check.failures

    @property
    def has_data(self) -> bool:
        latest = self.evidence.latest
        return latest is not None and latest.has_data

    @property
    def verdict(self) -> Verdict:
        """The opinion, with looks that may fail forgiven."""
        forgiven = isinstance(self.measure, Gauge) and not self.failed
        return Verdict.PASS if forgiven and self.opinion.verdict is Verdict.FAIL else self.opinion.verdict

    def describe_failing(self) -> str:
        """How often it failed, where that decides; else empty."""
        if not self.check.failures:
            return ""
        return f" ({self._failing.count(True)} of the last {len(self._failing)} looks, {self.check.failures} may)"

    def _count(self, measure: Counters, reading: Reading, gains: Sequence[Gain]) -> Look:
        matched = [one for one in reading.series if meant(measure.all, one)]
        gap = _gap(matched, reading, self.check.arm)
        if gap:
            return Look(reading.at, gap=gap)
        others: dict[str, Events] = {}
        both = self._both(measure, reading)
        if measure.whole and mixed(_fresh(both, reading)):
            return Look(reading.at, error=_MIXED)
        try:
            pods = measure.count(gains)
            self.tally.add(measure.by_labels(gains))
            if self.against is not None:
                others = self.against.count(gains)
            if measure.bound is not None:
                chosen = " and ".join(f"le={value:g}" for value in measure.buckets(matched))
                self.buckets = f"judged at {chosen}, the smallest bucket not below {measure.bound:g}"
        except NoBucket as error:
            return Look(reading.at, error=str(error))
        self.series = len(matched)
        self.unmatched = [] if any(meant(measure.part, one) for one in reading.series) else list(measure.part)
        self.measure = measure.narrowed(reading.series)
        bad = sum(events.bad for events in pods.values())
        first_bad = measure.first_bad(gains) if bad > 0 else None
        if self.against is None:
            return Look(reading.at, pods, first_bad=first_bad)
        histograms = (measure.histogram(gains), self.against.histogram(gains)) if measure.whole else None
        self.against = self.against.narrowed(reading.series)
        read_at = _read_at(both, reading)
        return Look(reading.at, pods, first_bad=first_bad, baseline=others, read_at=read_at, slowness=histograms)

    def _both(self, measure: Counters, reading: Reading) -> list[Series]:
        """The series of both arms; none where nothing is compared.

        Of classic and native histograms only shares beyond a bound can be compared, not whole ones.
        """
        if self.against is None:
            return []
        return [one for one in reading.series if meant((*measure.all, *self.against.all), one)]

    def _gauges(self) -> Sequence[Gauge]:
        """Its own and that of the arm that is compared with."""
        return [one for one in (self.measure, self.check.baseline_gauge) if isinstance(one, Gauge)]

    def _value(self, measure: Gauge, reading: Reading) -> Look:
        """Of several series the mean where arms are compared, else the one furthest outside, or nearest to it."""
        if measure.expression:
            return _value(reading.at, reading.answers.get(measure.expression, Answer()))
        matched = [one for one in reading.series if measure.selector and meant([measure.selector], one)]
        gap = _gap(matched, reading, self.check.arm)
        values = [one.value for one in _fresh(matched, reading) if isfinite(one.value)]
        if gap or not values:
            return Look(reading.at, gap=gap or "its values are not finite numbers")
        self.series = len(values)
        if self.check.baseline_gauge is not None:
            return Look(reading.at, value=fsum(values) / len(values))
        floor, ceiling = self.check.floor, self.check.ceiling
        return Look(reading.at, value=max(values, key=lambda value: max(value - ceiling, floor - value)))


def meant(selectors: Sequence[Selector], series: Series) -> bool:
    """Whether any of the selectors means this series."""
    return any(selector.matches(series.name, series.labels) for selector in selectors)


def _read_at(matched: Sequence[Series], reading: Reading) -> dict[str, float]:
    """When each living pod was read last."""
    found: dict[str, float] = {}
    for one in _fresh(matched, reading):
        found[pod_of(one)] = max(one.timestamp, found.get(pod_of(one), one.timestamp))
    return found


def _fresh(matched: Sequence[Series], reading: Reading) -> list[Series]:
    return [one for one in matched if one.timestamp >= reading.at - reading.max_age]


def _gap(matched: Sequence[Series], reading: Reading, arm: str) -> str:
    """Why there is no data, "" if there is."""
    if not matched:
        mine = [target for target in reading.targets if target.group in ("", arm)]
        broken = next((target for target in mine if target.error), None)
        return f"{broken.name} cannot be read: {broken.error}" if broken else "no series matches"
    if not _fresh(matched, reading):
        age = reading.at - max(one.timestamp for one in matched)
        return f"the newest value is {seconds(age)} old, so whatever is scraped has stopped answering"
    return ""


def _value(at: float, answer: Answer) -> Look:
    """A free query must give exactly one finite number; each other outcome has its own name."""
    if answer.error:
        return Look(at, error=answer.error)
    if not answer.values:
        return Look(at, gap="the query gives an empty result")
    if len(answer.values) > 1:
        many = f"the query gives {len(answer.values)} series where one is expected; wrap it in sum() or max()"
        return Look(at, error=many)
    value = answer.values[0][1]
    if isnan(value):
        return Look(at, gap="the query gives NaN, as 0 divided by 0 does when nothing has happened")
    if not isfinite(value):
        return Look(at, gap=f"the query gives {value:+}, as a division by 0 does".replace("inf", "Inf"))
    return Look(at, value=value)
