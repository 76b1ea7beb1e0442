# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop of a gate: baseline, shift, looks on the beat, and no look more than the evidence needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check, Counters, Gauge
from ansible_collections.slipway.rollout.plugins.module_utils.gate.decision import Ending, Policy
from ansible_collections.slipway.rollout.plugins.module_utils.gate.faults import Faults
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.loop import Loop, Timing
from ansible_collections.slipway.rollout.plugins.module_utils.gate.report import Reporter
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Answer, SourceError
from ansible_collections.slipway.rollout.plugins.module_utils.gate.stop import Stop, Stopped
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError

from tests.unit.gate.builders import (
    FakeClock,
    ScriptedSource,
    Steady,
    errors,
    load,
    loop,
    reading,
    requests,
    unreachable,
)


@dataclass
class Run:
    """What became of a loop, at what second."""

    ending: Ending
    loop: Loop
    looked: list[float]
    shifted: list[float]
    said: list[str]
    seconds: float


def run(*checks: Check, **options: Any) -> Run:
    clock = FakeClock()
    parts = {name: options.pop(name) for name in ("timing", "policy", "stop", "faults") if name in options}
    source, said, shifted = Steady(clock, **options), [], []
    made = loop(*(checks or (errors(),)), source=source, clock=clock, reporter=Reporter(said.append), **parts)
    ending = made.run(lambda: shifted.append(clock.now - 1000.0))
    return Run(ending, made, source.looked, shifted, said, clock.now - 1000.0)


def test_a_healthy_release_passes_when_time_is_up() -> None:
    found = run()
    assert found.ending.verdict is Verdict.PASS
    assert found.looked == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert (found.loop.looks, found.seconds) == (5, 5.0)


def test_traffic_is_moved_after_the_baseline_was_read() -> None:
    assert run().shifted == [0.0]
    assert run(slow=0.3).shifted == [pytest.approx(0.3)]


def test_a_bad_release_fails_at_the_first_look_that_shows_it() -> None:
    found = run(bad=0.3)
    assert found.ending == Ending(Verdict.FAIL, "errors: 30 of 100 requests (30 %) failed, the limit is 1 %")
    assert found.seconds == 1.0


def test_what_was_counted_before_the_baseline_does_not_count() -> None:
    source = ScriptedSource([reading(0.0, *requests(0.0, 0, 900)), reading(1.0, *requests(1.0, 80, 900))])
    found = loop(errors(), source=source, timing=Timing(1.0, None, 1)).run(lambda: None)
    assert found == Ending(Verdict.PASS, "errors: none of 80 requests failed, the limit is 1 %")


@pytest.mark.parametrize(
    ("timing", "looked"),
    [
        (Timing(1.0, 2.5), [1.0, 2.0, 2.5]),
        (Timing(3.0, 2.0), [2.0]),
        (Timing(0.5, None, 3), [0.5, 1.0, 1.5]),
        (Timing(1.0, None, 1), [1.0]),
    ],
)
def test_looks_fall_on_the_beat_and_the_last_one_on_the_end(timing: Timing, looked: list[float]) -> None:
    found = run(timing=timing)
    assert found.ending.verdict is Verdict.PASS
    assert found.looked == [0.0, *looked]


def test_beats_that_a_slow_look_has_missed_are_left_out() -> None:
    found = run(slow=1.4, timing=Timing(1.0, 6.0))
    assert [round(at, 6) for at in found.looked] == [0.0, 2.4, 4.4, 6.4]


def test_a_look_that_begins_late_ends_the_gate() -> None:
    found = run(slow=7.0, timing=Timing(1.0, 5.0))
    assert found.loop.looks == 1


def test_the_initial_delay_is_watched_but_not_judged() -> None:
    source = ScriptedSource(
        [
            reading(0.0, *requests(0.0, 10, 0)),
            reading(1.0, *requests(1.0, 10, 50)),
            unreachable(),
            reading(3.0, *requests(3.0, 10, 90)),
            reading(4.0, *requests(4.0, 60, 90)),
        ]
    )
    clock, said, shifted = FakeClock(), [], []
    made = loop(errors(), source=source, clock=clock, reporter=Reporter(said.append), timing=Timing(1.0, None, 1, 2.5))
    assert made.run(lambda: shifted.append(clock.now)).verdict is Verdict.PASS
    assert shifted == [1000.0]
    assert clock.now == 1003.5
    assert made.watched[0].evidence.events == (0.0, 50.0)
    assert said[0] == "initial delay, 2.5 s left"
    assert any("initial delay: no measurements: Nobody answers." in line for line in said)


def test_a_source_that_is_away_at_the_beginning_is_asked_again_before_traffic_moves() -> None:
    found = run(failing=lambda gone: unreachable() if gone < 2 else None)
    assert found.ending.verdict is Verdict.PASS
    assert found.shifted == [2.0]
    assert found.said[0] == "baseline: no measurements: Nobody answers. (1 in a row)"


def test_a_source_that_stays_away_ends_the_gate_before_traffic_moves() -> None:
    found = run(failing=lambda gone: unreachable(), policy=Policy(patience=3))
    assert found.ending == Ending(
        Verdict.INCONCLUSIVE, "there are no measurements to begin with: Nobody answers.", "unreachable"
    )
    assert (found.shifted, found.looked, found.loop.looks) == ([], [0.0, 1.0, 2.0], 0)


@pytest.mark.parametrize("kind", ["bad_query", "refused"])
def test_an_answer_that_asking_again_will_not_change_ends_it_at_once(kind: str) -> None:
    found = run(failing=lambda gone: SourceError(kind, "No."))
    assert (found.looked, found.ending.error, found.shifted) == ([0.0], kind, [])


def test_a_source_that_falls_silent_ends_the_gate_when_patience_does() -> None:
    found = run(failing=lambda gone: unreachable() if gone > 1 else None, policy=Policy(patience=3), rate=5.0)
    assert found.ending == Ending(
        Verdict.INCONCLUSIVE, "there were no measurements in 3 looks in a row: Nobody answers."
    )
    assert found.seconds == 4.0
    assert "look 2: no measurements: Nobody answers. (3.0 s left)" in found.said


def test_what_happened_during_an_outage_is_counted_after_it() -> None:
    found = run(bad=0.3, failing=lambda gone: unreachable() if 0 < gone < 3 else None)
    assert found.ending.reason == "errors: 90 of 300 requests (30 %) failed, the limit is 1 %"
    assert found.seconds == 3.0


def test_a_last_look_without_an_answer_does_not_decide_alone() -> None:
    found = run(failing=lambda gone: unreachable() if 5 <= gone < 7 else None)
    assert found.ending.verdict is Verdict.PASS
    assert found.looked[-3:] == [5.0, 6.0, 7.0]


@pytest.mark.parametrize("timing", [Timing(1.0, 2.0), Timing(1.0, None, 2)])
def test_grace_at_the_end_has_an_end(timing: Timing) -> None:
    found = run(load(measure=Gauge(selector=Selector("nothing"))), timing=timing, policy=Policy(patience=3))
    assert found.ending.verdict is Verdict.INCONCLUSIVE
    assert found.seconds == 5.0


def test_a_check_that_can_never_be_judged_is_refused_before_traffic_moves() -> None:
    source = ScriptedSource([reading(0.0, q=Answer(error="parse error", lasting=True))])
    shifted: list[int] = []
    with pytest.raises(OptionError, match="Check load cannot be judged: parse error."):
        loop(load(measure=Gauge("q")), source=source).run(lambda: shifted.append(1))
    assert shifted == []


def test_a_histogram_that_comes_later_is_refused_by_the_buckets_that_others_have() -> None:
    slow = errors(name="slow", measure=Counters((), (Selector.parse('took_bucket{version="canary"}'),), bound=0.25))
    metrics = {"took_bucket": [{"version": "main", "le": "0.1"}, {"version": "main", "le": "+Inf"}]}
    said = "Check slow cannot be judged: no bucket of the histogram ends at 0.25 or above; its buckets end at 0.1."
    with pytest.raises(OptionError, match=said):
        run(slow, metrics=metrics)
    metrics["took_bucket"].append({"version": "main", "le": "0.5"})
    assert any("slow: nothing to count yet." in line for line in run(slow, metrics=metrics).said)


def test_counters_that_are_not_there_yet_are_told_at_the_beginning() -> None:
    found = run(errors(measure=Counters((Selector("gone"),), (Selector("requests_totals"),))))
    assert found.said[0].startswith("errors: nothing to count yet. There is no metric requests_totals.")


def test_counters_of_which_the_source_knows_series_are_no_news() -> None:
    every = Selector.parse('quiet{version="canary"}')
    found = run(errors(measure=Counters((every,), (every,))), metrics={"quiet": [{"version": "canary"}]})
    assert not any("nothing to count yet" in line for line in found.said)


class Falling:
    """Pods of which one falls when it is looked at for the second time."""

    def __init__(self) -> None:
        self.looks = 0

    def begin(self) -> None:
        self.looks = 0

    def found(self) -> str:
        self.looks += 1
        return "pod a has restarted once" if self.looks > 1 else ""


def test_a_pod_that_falls_fails_the_gate() -> None:
    faults: Any = Falling()
    found = run(faults=faults)
    assert found.ending == Ending(Verdict.FAIL, "pod a has restarted once")
    assert found.seconds == 2.0


def test_a_pod_that_falls_is_told_once_where_it_may() -> None:
    faults: Any = Falling()
    found = run(faults=faults, policy=Policy(pods_fail=False))
    assert found.ending.verdict is Verdict.PASS
    assert found.loop.notes == ["pod a has restarted once"]
    assert found.said.count("pod a has restarted once") == 1


def test_pods_that_cannot_be_listed_at_first_are_asked_for_again() -> None:
    class Late(Faults):
        def __init__(self) -> None:
            self.tries = 0

        def begin(self) -> None:
            self.tries += 1
            if self.tries < 3:
                raise unreachable()

        def found(self) -> str:
            return ""

    found = run(faults=Late())
    assert (found.ending.verdict, found.shifted) == (Verdict.PASS, [2.0])


class StopAfter(Stop):
    """Wants an end at its nth question."""

    def __init__(self, questions: int) -> None:
        super().__init__()
        self.left = questions

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Stopped("enough")


@pytest.mark.parametrize("questions", [0, 3])
@pytest.mark.parametrize("delay", [0.0, 2.0])
def test_a_loop_stops_when_it_is_told_to(questions: int, delay: float) -> None:
    with pytest.raises(Stopped, match="enough"):
        run(stop=StopAfter(questions), timing=Timing(1.0, 5.0, None, delay))


def test_a_loop_stops_while_it_waits_for_a_baseline() -> None:
    with pytest.raises(Stopped, match="enough"):
        run(stop=StopAfter(1), failing=lambda gone: unreachable())


def test_progress_says_how_many_looks_are_left() -> None:
    assert run(timing=Timing(1.0, None, 2)).said[-1].endswith("1 look left")
    assert run(timing=Timing(1.0, 2.0)).said[-1].endswith("1.0 s left")
