# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One check under watch: what a reading says of it, and why it may say nothing."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters, Events, Gauge
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Look
from ansible_collections.slipway.rollout.plugins.module_utils.gate.increments import Increments
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import (
    Answer,
    Bucket,
    Reading,
    Sample,
    Series,
    Target,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.watched import Watched, meant
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.gate.builders import ALL, BAD, counted, errors, load, reading, requests, series, thinks, watched

SLOW = errors(measure=Counters((), (Selector("took_bucket"),), bound=0.25))
QUERY = load(measure=Gauge(expression="q"))


def seen(one: Watched, *readings: Reading) -> Look:
    """The look at the last of the readings."""
    increments = Increments()
    looks = [one.see(found, increments.add(found)) for found in readings]
    return looks[-1]


def test_what_other_checks_ask_for_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a thousand pods and twenty checks that would be most of what a look costs."""
    asked: list[str] = []
    monkeypatch.setattr(Selector, "matches", lambda self, name, labels: bool(asked.append(name)) or name == self.name)
    foreign = [series(f'other_total{{pod="pod-{number}"}}', (1.0, 5)) for number in range(9)]
    look = seen(
        Watched.of(errors(), 5), reading(0.0, *requests(0.0, 1, 0)), reading(1.0, *requests(1.0, 9, 0), *foreign)
    )
    assert look.has_data
    assert "other_total" not in asked


def took(at: float, *counts: tuple[str, float]) -> Reading:
    return reading(at, *(series(f'took_bucket{{le="{bound}"}}', (at, count)) for bound, count in counts))


def test_a_check_asks_for_what_it_measures_and_nothing_else() -> None:
    assert Watched.of(errors(), 5).selectors() == (ALL, BAD)
    assert Watched.of(errors(), 5).expressions() == []
    assert Watched.of(load(), 5).selectors() == [Selector("load")]
    assert Watched.of(load(), 5).expressions() == []
    assert Watched.of(QUERY, 5).selectors() == []
    assert Watched.of(QUERY, 5).expressions() == ["q"]


def test_counters_give_what_each_pod_gained_since_the_look_before() -> None:
    one = Watched.of(errors(), 5)
    first = reading(0.0, *requests(0.0, 10, 0), *requests(0.0, 5, 5, "pod-2"))
    look = seen(one, first, reading(1.0, *requests(1.0, 30, 1), *requests(1.0, 8, 5, "pod-2")))
    assert look.pods == {"pod-1": Events(1, 21), "pod-2": Events(0, 3)}
    assert (look.first_bad, look.value, one.series) == (1.0, None, 4)


def test_without_bad_events_there_is_no_first_one() -> None:
    look = seen(Watched.of(errors(), 5), reading(0.0, *requests(0.0, 1, 1)), reading(1.0, *requests(1.0, 9, 1)))
    assert (look.events, look.first_bad) == (Events(0, 8), None)


def test_good_events_alone_are_no_first_bad_one() -> None:
    one = Watched.of(errors(measure=Counters((Selector.parse('requests_total{status="200"}'),), (ALL,), good=True)), 5)
    look = seen(one, reading(0.0, *requests(0.0, 1, 1)), reading(1.0, *requests(1.0, 9, 1)))
    assert (look.events, look.first_bad) == (Events(0, 8), None)


def test_slow_requests_are_those_above_the_smallest_bucket_that_is_large_enough() -> None:
    one = Watched.of(SLOW, 5)
    look = seen(one, took(0.0, ("0.1", 0), ("0.5", 0), ("+Inf", 0)), took(1.0, ("0.1", 2), ("0.5", 7), ("+Inf", 10)))
    assert look.events == Events(3, 10)
    assert one.buckets == "judged at le=0.5, the smallest bucket not below 0.25"
    assert [str(selector) for selector in one.selectors()] == ['took_bucket{le=~"\\\\+Inf|0\\\\.5"}']


def test_a_histogram_without_a_bucket_for_the_bound_is_an_error_and_refused() -> None:
    coarse = took(1.0, ("0.1", 2), ("+Inf", 10))
    message = "no bucket of the histogram ends at 0.25 or above; its buckets end at 0.1"
    assert seen(Watched.of(SLOW, 5), coarse).error == message
    assert Watched.of(SLOW, 5).refusal(coarse) == message


def native(at: float, arm: str, *buckets: Bucket) -> Series:
    count = sum(one.events for one in buckets)
    return Series.of("took_bucket", {"arm": arm}, (Sample(at, count),), arm, {at: buckets})


ARMS = [
    Counters((), (Selector.parse(f'took_bucket{{arm="{arm}"}}'),), bound=0.25, whole=True)
    for arm in ("canary", "stable")
]
COMPARED = errors(measure=ARMS[0], baseline=ARMS[1], judge="latency")


def test_native_histograms_of_both_arms_are_compared() -> None:
    quick, slow = Bucket(0.125, 0.25, 5.0), Bucket(0.25, 0.5, 2.0)
    later = [native(1.0, "canary", quick, slow), native(1.0, "stable", quick._replace(events=9.0))]
    one = Watched.of(COMPARED, 5)
    look = seen(one, reading(0.0, native(0.0, "canary", quick), native(0.0, "stable", quick)), reading(1.0, *later))
    assert look.slowness == ({0.5: 2.0}, {0.25: 4.0})
    assert (look.pods, look.baseline) == ({"canary": Events(2.0, 2.0)}, {"stable": Events(0.0, 4.0)})
    assert one.buckets == "judged at le=0.25, the smallest bucket not below 0.25"


def test_a_native_histogram_is_not_compared_with_a_classic_one() -> None:
    other = [series(f'took_bucket{{arm="stable",le="{le}"}}', (1.0, 5.0), target="b") for le in ("0.25", "+Inf")]
    found = reading(1.0, native(1.0, "canary", Bucket(0.125, 0.25, 5.0)), *other)
    one = Watched.of(COMPARED, 5)
    assert one.refusal(found).startswith("some of its pods have classic histograms and others native ones")
    assert "cannot be compared" in one.see(found, []).error
    shares = Watched.of(errors(measure=replace(ARMS[0], whole=False), baseline=ARMS[1]), 5)
    assert shares.refusal(found) == shares.see(found, []).error == ""


@pytest.mark.parametrize("check", [errors(), SLOW, load(), QUERY], ids=lambda check: str(check.measure)[:40])
def test_nothing_to_see_yet_is_no_reason_to_refuse_a_check(check: object) -> None:
    assert Watched.of(check, 5).refusal(reading(0.0)) == ""


@pytest.mark.parametrize("check", [errors(), load()])
def test_series_that_are_not_there_are_a_gap(check: object) -> None:
    look = Watched.of(check, 5).see(reading(1.0, series("other", (1.0, 1.0))), [])
    assert (look.gap, look.has_data) == ("no series matches", False)


@pytest.mark.parametrize(
    ("group", "gap"),
    [
        ("canary", "pod-9 cannot be read: refused"),
        ("", "pod-9 cannot be read: refused"),
        ("stable", "no series matches"),
    ],
)
def test_a_gap_names_the_broken_pod_if_it_is_of_the_same_arm(group: str, gap: str) -> None:
    targets = [Target("pod-1", "canary"), Target("pod-9", group, error="refused")]
    assert Watched.of(errors(), 5).see(reading(1.0, targets=targets), []).gap == gap


def test_values_that_have_stopped_moving_are_a_gap() -> None:
    found = replace(reading(100.0, *requests(69.0, 5, 0), series("load", (88.0, 1.0))), max_age=15.0)
    assert Watched.of(errors(), 5).see(found, []).gap == (
        "the newest value is 31 s old, so whatever is scraped has stopped answering"
    )
    assert Watched.of(load(), 5).see(found, []).value == 1.0


def test_a_gauge_leaves_out_what_is_stale_or_no_finite_number() -> None:
    found = [series(f'load{{pod="{pod}"}}', (at, value)) for pod, at, value in (("a", 99.0, 2.0), ("b", 10.0, 9.0))]
    odd = series('load{pod="c"}', (99.0, nan))
    one = Watched.of(load(), 5)
    assert one.see(replace(reading(100.0, *found, odd), max_age=15.0), []).value == 2.0
    assert one.series == 1
    assert one.see(reading(100.0, odd), []).gap == "its values are not finite numbers"


@pytest.mark.parametrize(
    ("floor", "ceiling", "values", "worst"),
    [
        (-inf, 5.0, (1.0, 4.0), 4.0),
        (2.0, inf, (3.0, 9.0), 3.0),
        (2.0, 5.0, (1.0, 4.0), 1.0),
        (2.0, 5.0, (3.0, 7.0), 7.0),
        (2.0, 5.0, (1.0, 99.0), 99.0),
        (2.0, 9.0, (2.5, 5.0), 2.5),
    ],
)
def test_of_several_series_the_one_counts_that_is_furthest_outside_or_nearest_to_it(
    floor: float, ceiling: float, values: tuple[float, ...], worst: float
) -> None:
    found = [series(f'load{{pod="{number}"}}', (1.0, value)) for number, value in enumerate(values)]
    assert Watched.of(load(floor=floor, ceiling=ceiling), 5).see(reading(1.0, *found), []).value == worst


@given(st.lists(st.floats(-100, 100), min_size=1), st.floats(-50, 0), st.floats(0, 50))
def test_if_any_series_is_outside_so_is_the_one_that_counts(values: list[float], floor: float, ceiling: float) -> None:
    found = [series(f'load{{pod="{number}"}}', (1.0, value)) for number, value in enumerate(values)]
    value = Watched.of(load(floor=floor, ceiling=ceiling), 5).see(reading(1.0, *found), []).value
    assert value in values
    assert (floor <= value <= ceiling) is all(floor <= other <= ceiling for other in values)


@pytest.mark.parametrize(
    ("answer", "gap", "error"),
    [
        (Answer(error="no such function"), "", "no such function"),
        (Answer(), "the query gives an empty result", ""),
        (Answer((({}, nan),)), "the query gives NaN, as 0 divided by 0 does when nothing has happened", ""),
        (Answer((({}, inf),)), "the query gives +Inf, as a division by 0 does", ""),
        (Answer((({}, -inf),)), "the query gives -Inf, as a division by 0 does", ""),
        (
            Answer((({"a": "1"}, 1.0), ({"a": "2"}, 2.0))),
            "",
            "the query gives 2 series where one is expected; wrap it in sum() or max()",
        ),
    ],
)
def test_each_way_in_which_a_query_gives_no_value_has_its_own_words(answer: Answer, gap: str, error: str) -> None:
    look = Watched.of(QUERY, 5).see(reading(1.0, q=answer), [])
    assert (look.gap, look.error, look.value) == (gap, error, None)


def test_a_query_gives_its_one_value_and_an_answer_that_is_missing_is_an_empty_one() -> None:
    assert Watched.of(QUERY, 5).see(reading(1.0, q=Answer((({}, 3.0),))), []).value == 3.0
    assert Watched.of(QUERY, 5).see(reading(1.0), []).gap == "the query gives an empty result"


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        (Answer(error="parse error", lasting=True), "parse error"),
        (Answer(error="busy"), ""),
        (Answer((({}, 1.0),)), ""),
        (Answer((({}, 1.0),) * 2), "the query gives 2 series where one is expected; wrap it in sum() or max()"),
    ],
)
def test_a_query_is_refused_only_for_what_asking_again_will_not_mend(answer: Answer, refused: str) -> None:
    assert Watched.of(QUERY, 5).refusal(reading(1.0, q=answer)) == refused


def test_a_check_has_failed_when_more_of_its_latest_looks_failed_than_may() -> None:
    one = watched(load(failures=1, looks=3))
    states = []
    for verdict in (Verdict.FAIL, Verdict.PASS, Verdict.FAIL, Verdict.PASS, Verdict.PASS):
        one.judge(thinks(verdict), final=False)
        states.append(one.failed)
    assert states == [False, False, True, False, False]
    assert one.describe_failing() == " (1 of the last 3 looks, 1 may)"


def test_where_no_look_may_fail_nothing_is_said_of_how_many_did() -> None:
    assert watched(load(), opinion=thinks(Verdict.FAIL).mind).describe_failing() == ""


def test_only_gauges_are_forgiven_a_look_that_may_fail() -> None:
    lenient = {"failures": 1, "looks": 3}
    failing = thinks(Verdict.FAIL).mind
    assert watched(load(**lenient), opinion=failing).verdict is Verdict.PASS
    assert watched(load(), opinion=failing).verdict is Verdict.FAIL
    assert watched(errors(**lenient), opinion=failing).verdict is Verdict.FAIL
    assert watched(load(**lenient), opinion=thinks(Verdict.INCONCLUSIVE).mind).verdict is Verdict.INCONCLUSIVE


def test_before_the_first_look_there_is_no_data_and_no_opinion() -> None:
    one = watched(errors())
    assert (one.has_data, one.verdict) == (False, Verdict.UNDECIDED)
    assert watched(errors(), counted(1.0, 0, 5)).has_data
    assert not watched(errors(), counted(1.0, 0, 5), Look(2.0, gap="gone")).has_data


def test_a_series_is_meant_by_any_of_the_selectors() -> None:
    bad = series('requests_total{status="500"}', (0.0, 1.0))
    assert meant([BAD, Selector("load")], bad)
    assert not meant([Selector("load")], bad)
    assert not meant([], bad)
