# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The loop of a gate: baseline, then look again and again, and stop as soon as the evidence suffices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import floor, inf

from ..clock import Clock
from .bad_pod import Replacement
from .check import Counters, Gauge, pod_of
from .decision import Ending, Policy, decide
from .diagnose import explain, lacks_bucket, misspelt
from .early import settle
from .evidence import Look
from .faults import Faults
from .increments import Increments
from .judges.judge import Judge, Opinion, Verdict
from .pause import Pause
from .report import Reporter, looks_left, time_left
from .selector import Selector
from .sight import LONGEST, Sight
from .sources.source import Reading, Source, SourceError
from .stop import Stop
from .suggest import OptionError
from .watched import Watched, meant

# Answers after which asking again changes nothing.
_LASTING = ("bad_query", "refused")

FOLLOWING = 10.0  # seconds that a gateway may take until the first users come


@dataclass(frozen=True, slots=True)
class Timing:
    """When to look and for how long (seconds), or how often. Before `min_soak` seconds it does not pass early."""

    interval: float = 1.0
    duration: float | None = 60.0
    count: int | None = None
    initial_delay: float = 0.0
    min_soak: float = 0.0


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
    since: float | None = None  # when users came on the release; that of this gate, unless it was before
    config: str = ""  # the rules that it judges by
    score: Callable[[Sequence[Watched]], Opinion] | None = None
    pause: Pause | None = None
    bad_pod: Replacement | None = None
    looks: int = 0
    notes: list[str] = field(default_factory=list)
    warm_up: float = 0.0  # seconds from a pod's start in which what it counts is left out
    _increments: Increments = field(init=False)
    _held: int = 0  # looks that do not count, because it was on hold
    _scored: Opinion | None = None
    _expected: float = -inf  # until when users that were moved may still be on their way

    def __post_init__(self) -> None:
        self._increments = Increments(self.warm_up)

    def run(self, shift: Callable[[], bool]) -> Ending:
        """`shift` moves traffic; it is called when the counters before it are known, and not otherwise.

        Where it says that users were moved, time counts from when they are seen, for a gateway may be slow to follow.
        Raises OptionError, before that, for a check that can never be judged.
        """
        self._until_seen()
        trouble = self._baseline()
        if trouble is not None:
            return trouble
        if shift() and any(isinstance(one.measure, Counters) for one in self.watched):
            self._expected = self.clock.monotonic() + FOLLOWING
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
                self.since = reading.at if self.since is None else self.since
                for one in self.watched:
                    one.remember(reading, self.since, self.warm_up)
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
            trouble = self._look(on_hold=bool(held) or self.clock.monotonic() < self._expected)
            held = held or self._awaited()
            if held:
                self._held, start = self._held + 1, self.clock.monotonic()
            final = not held and self._over(start)
            if final and any(not one.has_data for one in self.watched) and (grace > 0 or self._is_paused()):
                grace -= 1  # one look without an answer must not decide at the last moment
                final = False
            ending = self._judged(final=final, soaked=final or (not held and self._soaked(start)))
            if ending is not None and self._begins_anew(ending):
                start, grace = self.clock.monotonic(), self.policy.patience
            elif ending is not None:
                return ending
            self._tell(start, trouble, held)

    def _judged(self, *, final: bool, soaked: bool) -> Ending | None:
        """The ending that this look brings. Nothing passes before it has soaked."""
        for one in self.watched:
            if not (self._is_paused() and one.check.judge == "kayenta"):  # which is right only if it is not asked again
                one.judge(self.judge, final=final)
        if soaked and not final:
            settle(self.watched, self.judge)
        if self.score is not None and final and self._scored is None:
            self._scored = self.score(self.watched)
        ending = decide(self.watched, self.policy, self._fault(), final=final, score=self._scored)
        if ending is None and self.pause is not None:
            ending = self.pause.question
        if ending is None or (ending.verdict is Verdict.PASS and not soaked):
            return None
        return self._paused(ending) if ending.undecided else ending

    def _begins_anew(self, ending: Ending) -> bool:
        """Whether it has failed by pods that are no more, so that all but what was before it is forgotten."""
        if self.bad_pod is None or ending.verdict is not Verdict.FAIL or self.score is not None or self._fault():
            return False
        told = self.bad_pod.replace(self.watched, self.faults.seen if self.faults is not None else {})
        if not told:
            return False
        self.notes.append(told)
        self.reporter.say(told)
        self.since = max((look.at for one in self.watched if (look := one.evidence.latest)), default=self.since)
        self.watched = [one.anew() for one in self.watched]
        self.judge, self._held = self.bad_pod.judge(), self.looks
        return True

    def _is_paused(self) -> bool:
        return self.pause is not None and self.pause.question is not None

    def _paused(self, ending: Ending) -> Ending | None:
        """None while it is to go on although its time is up and nothing is decided."""
        if self.pause is None or not (ending.shared or self._is_paused() or self.policy.undecided == "pause"):
            return ending
        if not self._is_paused():
            self.notes.append(self.pause.start(ending))
            self.reporter.say(self.notes[-1])
            if self.pause.returns:
                return replace(ending, paused=True)
        return self.pause.answered() or self.pause.over(ending)

    def _wait_for_tick(self, start: float) -> None:
        """Until the next multiple of the interval, or the end. Ticks that a slow look has missed are left out."""
        self.stop.check()
        gone = self.clock.monotonic() - start
        tick = (floor(gone / self.timing.interval + 1e-6) + 1) * self.timing.interval
        duration = self.timing.duration
        if duration is not None and gone < duration - 1e-6:
            tick = min(tick, duration)
        self.clock.sleep(tick - gone)

    def _awaited(self) -> str:
        """Words for a hold while the users who were moved have not come yet."""
        latest = [look for one in self.watched if (look := one.evidence.latest) is not None]
        if self.clock.monotonic() >= self._expected or any(look.events.total > 0 for look in latest):
            self._expected = -inf
            return ""
        return "waiting for its first users"

    def _look(self, *, on_hold: bool) -> SourceError | None:
        try:
            reading = self.source.read(self.selectors(), self.expressions())
        except SourceError as error:
            for one in self.watched:
                one.evidence.add(Look(self.clock.wall(), error=str(error)))
            return error
        gains = self._increments.add(reading)
        if self.bad_pod is not None and self.bad_pod.replaced:
            gains = [gain for gain in gains if pod_of(gain.series) not in self.bad_pod.replaced]
        for one in self.watched:
            look = one.see(reading, gains)
            if not (on_hold and look.gap):  # what is not there yet cannot be missing
                one.evidence.add(look)
        return None

    def _over(self, start: float) -> bool:
        if self.timing.count is not None:
            return self.looks - self._held >= self.timing.count
        return self.timing.duration is not None and self.clock.monotonic() - start >= self.timing.duration - 1e-6

    def _soaked(self, start: float) -> bool:
        return self.clock.monotonic() - start >= self.timing.min_soak - 1e-6

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
        elif self.pause is not None and self.pause.question is not None:
            left = f"paused, {time_left(self.pause.left())}"
        elif self.timing.count is not None:
            left = looks_left(self.timing.count - self.looks + self._held)
        else:
            left = time_left(start + (self.timing.duration or 0.0) - now)
        if trouble is None:
            self.reporter.look(now, self.looks, left, self.watched)
        else:
            self.reporter.trouble(now, f"look {self.looks}", trouble, left)
