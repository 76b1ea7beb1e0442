# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The loop of a gate: baseline, then look again and again, and stop as soon as the evidence suffices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import floor

from ..clock import Clock
from .check import Counters, Gauge
from .decision import Ending, Policy, decide
from .diagnose import explain, lacks_bucket, misspelt
from .evidence import Look
from .faults import Faults
from .increments import Increments
from .judges.judge import Judge, Opinion, Verdict
from .report import Reporter, looks_left, time_left
from .selector import Selector
from .sight import LONGEST, Sight
from .sources.source import Reading, Source, SourceError
from .stop import Stop
from .suggest import OptionError
from .watched import Watched, meant

# Answers after which asking again changes nothing.
_LASTING = ("bad_query", "refused")


@dataclass(frozen=True, slots=True)
class Timing:
    """When to look and for how long (seconds), or how often."""

    interval: float = 1.0
    duration: float | None = 60.0
    count: int | None = None
    initial_delay: float = 0.0


@dataclass(slots=True)
class Loop:
    """Looks at the checks until there is an ending. Knows nothing of routes.

    While `hold` says why (a few words), it looks and may fail, but neither passes nor comes to the end of its time.
    `score` is asked for a verdict on all checks together when time is up.
    """

    watched: Sequence[Watched]
    source: Source
    judge: Judge
    timing: Timing
    policy: Policy
    clock: Clock
    reporter: Reporter
    stop: Stop
    faults: Faults | None = None
    sight: Sight | None = None
    hold: Callable[[], str] | None = None
    since: float | None = None  # when users came on the release, if that was before this gate
    score: Callable[[Sequence[Watched]], Opinion] | None = None
    looks: int = 0
    notes: list[str] = field(default_factory=list)
    _increments: Increments = field(default_factory=Increments)
    _held: int = 0  # looks that do not count, because it was on hold

    def run(self, shift: Callable[[], None]) -> Ending:
        """`shift` moves traffic; it is called when the counters before it are known, and not otherwise.

        Raises OptionError, before that, for a check that can never be judged.
        """
        self._until_seen()
        trouble = self._baseline()
        if trouble is not None:
            return trouble
        shift()
        start = self.clock.monotonic() + self.timing.initial_delay
        self._warm_up(start)
        return self._until_decided(start)

    def selectors(self) -> list[Selector]:
        return [selector for one in self.watched for selector in one.selectors()]

    def expressions(self) -> list[str]:
        return [expression for one in self.watched for expression in one.expressions()]

    def _until_seen(self) -> None:
        """Users come only when the source sees the pods that they will be on, or has had ample time to."""
        begun = self.clock.monotonic()
        while self.sight is not None and (unseen := self.sight.unseen()):
            gone = self.clock.monotonic() - begun
            if gone >= LONGEST:
                self.notes.append(f"{self.source.describe()} has not read {', '.join(unseen)} in {LONGEST:.0f} s")
                self.reporter.say(self.notes[-1])
                return
            self.reporter.waiting(self.clock.monotonic(), f"waiting until the source has read {', '.join(unseen)}")
            self.clock.sleep(min(self.timing.interval, 1.0))
            self.stop.check()

    def _baseline(self) -> Ending | None:
        """The counters before anything is changed. Tried as often as looks in a row may fail."""
        attempt = 1
        while True:
            try:
                if self.faults is not None:
                    self.faults.begin()
                reading = self.source.read(self.selectors(), self.expressions())
            except SourceError as error:
                self.reporter.trouble(self.clock.monotonic(), "baseline", error, f"{attempt} in a row")
                if error.kind in _LASTING or attempt >= self.policy.patience:
                    return Ending(Verdict.INCONCLUSIVE, f"there are no measurements to begin with: {error}", error.kind)
            else:
                self._increments.add(reading)
                self._refuse(reading)
                for one in self.watched:
                    one.remember(reading, reading.at if self.since is None else self.since)
                return None
            attempt += 1
            self.clock.sleep(self.timing.interval)
            self.stop.check()

    def _refuse(self, reading: Reading) -> None:
        """Raise OptionError for a check that can never be judged, and tell of those that have nothing to count yet."""
        for one in self.watched:
            problem = one.refusal(reading) or self._misspelt(one, reading)
            if not problem and one.selectors() and not any(meant(one.selectors(), found) for found in reading.series):
                if isinstance(one.measure, Counters) and one.measure.bound is not None:
                    problem = lacks_bucket(one.measure, self.source)
                missing = explain(one.selectors()[0], self.source)
                if missing:
                    self.reporter.say(f"{one.check.name}: nothing to count yet. {missing}")
            if problem:
                raise OptionError(f"Check {one.check.name} cannot be judged: {problem.rstrip('.')}.")

    def _misspelt(self, one: Watched, reading: Reading) -> str:
        """A typo that would count no failure, ever. Names that are only guessed at are not looked into."""
        sure = isinstance(one.measure, Gauge) or len(one.measure.all) == 1
        missing = [selector for selector in one.selectors() if sure and not reading.select(selector)]
        return next(filter(None, (misspelt(selector, self.source) for selector in missing)), "")

    def _warm_up(self, start: float) -> None:
        """Look without judging: what happens during the initial delay is seen and forgotten."""
        while (left := start - self.clock.monotonic()) > 0:
            self.reporter.waiting(self.clock.monotonic(), f"initial delay, {time_left(left)}")
            self.clock.sleep(min(self.timing.interval, left))
            self.stop.check()
            try:
                self._increments.add(self.source.read(self.selectors(), self.expressions()))
            except SourceError as error:
                self.reporter.trouble(self.clock.monotonic(), "initial delay", error, time_left(left))

    def _until_decided(self, start: float) -> Ending:
        grace = self.policy.patience
        while True:
            self._wait_for_tick(start)
            held = self.hold() if self.hold is not None else ""
            self.looks += 1
            if held:
                self._held, start = self._held + 1, self.clock.monotonic()
            trouble = self._look(held)
            final = not held and self._over(start)
            if final and grace > 0 and any(not one.has_data for one in self.watched):
                grace -= 1  # one look without an answer must not decide at the last moment
                final = False
            for one in self.watched:
                one.judge(self.judge, final=final)
            score = self.score(self.watched) if self.score is not None and final else None
            ending = decide(self.watched, self.policy, self._fault(), final=final, score=score)
            if ending is not None and not (held and ending.verdict is Verdict.PASS):
                return ending
            self._tell(start, trouble, held)

    def _wait_for_tick(self, start: float) -> None:
        """Until the next multiple of the interval, or the end. Ticks that a slow look has missed are left out."""
        self.stop.check()
        gone = self.clock.monotonic() - start
        tick = (floor(gone / self.timing.interval + 1e-6) + 1) * self.timing.interval
        duration = self.timing.duration
        if duration is not None and gone < duration - 1e-6:
            tick = min(tick, duration)
        self.clock.sleep(tick - gone)

    def _look(self, held: str) -> SourceError | None:
        try:
            reading = self.source.read(self.selectors(), self.expressions())
        except SourceError as error:
            for one in self.watched:
                one.evidence.add(Look(self.clock.wall(), error=str(error)))
            return error
        gains = self._increments.add(reading)
        for one in self.watched:
            look = one.see(reading, gains)
            if not (held and look.gap):  # what is not there yet cannot be missing
                one.evidence.add(look)
        return None

    def _over(self, start: float) -> bool:
        if self.timing.count is not None:
            return self.looks - self._held >= self.timing.count
        return self.timing.duration is not None and self.clock.monotonic() - start >= self.timing.duration - 1e-6

    def _fault(self) -> str:
        fault = self.faults.found() if self.faults is not None else ""
        if fault and not self.policy.pods_fail and fault not in self.notes:
            self.notes.append(fault)
            self.reporter.say(fault)
        return fault

    def _tell(self, start: float, trouble: SourceError | None, held: str) -> None:
        now = self.clock.monotonic()
        if held:
            left = held
        elif self.timing.count is not None:
            left = looks_left(self.timing.count - self.looks + self._held)
        else:
            left = time_left(start + (self.timing.duration or 0.0) - now)
        if trouble is None:
            self.reporter.look(now, self.looks, left, self.watched)
        else:
            self.reporter.trouble(now, f"look {self.looks}", trouble, left)
