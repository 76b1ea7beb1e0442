# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counters gained: beginnings, restarts, gaps, and nothing invented."""

from __future__ import annotations

import math

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.increments import Increments
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Bucket, Sample, Series, Target
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.gate.builders import reading, series


def amounts(increments: Increments, *readings: object) -> list[float]:
    return [sum(gain.amount for gain in increments.add(one)) for one in readings]  # type: ignore[arg-type]


def counted(*values: float) -> list[object]:
    return [reading(at, series("m", (at, value))) for at, value in enumerate(values)]


def test_the_first_reading_is_only_the_baseline() -> None:
    assert amounts(Increments(), *counted(100, 100, 103)) == [0, 0, 3]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_gains_sum_to_what_was_counted(steps: list[int]) -> None:
    total, values = 50, []
    for step in steps:
        total += step
        values.append(total)
    assert sum(amounts(Increments(), *counted(50, *values))) == sum(steps)


@given(st.lists(st.floats(0, 1e9), min_size=2, max_size=12))
def test_gains_are_never_negative(values: list[float]) -> None:
    assert min(amounts(Increments(), *counted(*values))) >= 0


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=12), st.integers(1, 11))
def test_splitting_a_window_changes_nothing(values: list[int], cut: int) -> None:
    samples = [(float(at), float(value)) for at, value in enumerate(values)]
    base, rest = samples[:1], samples[1:]
    whole = Increments()
    once = amounts(whole, reading(0, series("m", *base)), reading(99, series("m", *samples)))
    parts = Increments()
    amounts(parts, reading(0, series("m", *base)))
    twice = [
        amounts(parts, reading(at, series("m", *window)))[0]
        for at, window in enumerate((rest[:cut], rest[max(0, cut - 2) :]), 1)
        if window
    ]
    assert sum(once) == sum(twice)


def test_a_restart_counts_from_zero() -> None:
    assert amounts(Increments(), *counted(100, 104, 3, 5)) == [0, 4, 3, 2]


def test_a_restart_inside_one_window_is_seen_sample_by_sample() -> None:
    increments = Increments()
    increments.add(reading(0, series("m", (0, 100))))
    (gain,) = increments.add(reading(5, series("m", (0, 100), (1, 110), (2, 4), (3, 6))))
    assert gain.amount == 10 + 4 + 2


def test_another_process_counts_from_zero_even_when_it_has_counted_further() -> None:
    def read(at: float, value: float, birth: str) -> object:
        return reading(at, series("m", (at, value)), targets=[Target("pod-1", incarnation=birth)])

    assert amounts(Increments(), read(0, 5, "1"), read(1, 9, "2"), read(2, 10, "2")) == [0, 9, 1]
    assert amounts(Increments(), read(0, 5, "1"), read(1, 9, ""), read(2, 10, "1")) == [0, 4, 1]


def test_a_counter_that_appears_on_a_target_already_read_counts_from_zero() -> None:
    increments = Increments()
    increments.add(reading(0, series('m{status="200"}', (0, 7))))
    gains = increments.add(reading(1, series('m{status="200"}', (1, 8)), series('m{status="500"}', (1, 3))))
    assert [gain.amount for gain in gains] == [1, 3]


def test_a_target_read_without_any_series_is_evidence_too() -> None:
    increments = Increments()
    increments.add(reading(0, targets=[Target("pod-1", scrapes=(0.0,))]))
    assert amounts(increments, reading(1, series("m", (1, 20)))) == [20]


def test_an_earlier_scrape_in_the_same_reading_is_evidence_too() -> None:
    increments = Increments()
    increments.add(reading(0))
    late = reading(5, series("m", (4, 20), (5, 25)), targets=[Target("pod-1", scrapes=(3.0, 4.0, 5.0))])
    assert amounts(increments, late) == [25]


@pytest.mark.parametrize(("started", "gain"), [(500.0, 25), (50.0, 5), (None, 5)])
def test_a_new_target_counts_from_zero_only_when_it_is_younger_than_the_baseline(
    started: float | None, gain: float
) -> None:
    increments = Increments()
    increments.add(reading(100))
    late = reading(600, series("m", (590, 20), (600, 25)), targets=[Target("pod-1", started=started)])
    assert amounts(increments, late) == [gain]


def test_a_target_that_could_not_be_read_is_no_evidence() -> None:
    increments = Increments()
    increments.add(reading(0, targets=[Target("pod-1", error="no answer")]))
    assert amounts(increments, reading(1, series("m", (1, 20)), targets=[Target("pod-1", scrapes=(1.0,))])) == [0]


def test_a_series_that_vanishes_and_comes_back_goes_on_where_it_was() -> None:
    increments = Increments()
    assert amounts(
        increments, reading(0, series("m", (0, 5))), reading(1), reading(2, series("m", (2, 9))), reading(3)
    ) == [0, 0, 4, 0]


def test_a_stale_series_gains_nothing() -> None:
    increments = Increments()
    assert amounts(increments, *(reading(at, series("m", (0, 5))) for at in range(4))) == [0, 0, 0, 0]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -3.0])
def test_what_no_counter_can_be_is_not_counted(value: float) -> None:
    assert amounts(Increments(), *counted(5, value, 8)) == [0, 0, 3]
    assert amounts(Increments(), *counted(value, 8, 9)) == [0, 8, 1]


def test_a_gain_says_when_it_was_first_seen() -> None:
    increments = Increments()
    increments.add(reading(0, series("m", (0, 5))))
    (gain,) = increments.add(reading(9, series("m", (1, 5), (2, 6), (3, 7))))
    assert (gain.amount, gain.at) == (2, 2)


def test_what_is_counted_in_the_warm_up_is_left_out() -> None:
    """A step counts from the first sample on that was taken after the warm-up."""
    started = Target("pod-1", started=100.0)
    found = [
        reading(at, series("m", (at, value)), targets=[started])
        for at, value in ((101.0, 5), (105.0, 50), (111.0, 90), (115.0, 95))
    ]
    assert amounts(Increments(10.0), *found) == [0, 0, 0, 5]
    assert amounts(Increments(), *found) == [0, 45, 40, 5]


def test_a_restart_warms_up_anew_and_an_unknown_start_does_not() -> None:
    def at(moment: float, value: float, started: float | None) -> object:
        return reading(moment, series("m", (moment, value)), targets=[Target("pod-1", started=started)])

    found = [at(200.0, 90, 0.0), at(205.0, 100, 0.0), at(210.0, 7, 206.0), at(218.0, 20, 206.0), at(222.0, 30, 206.0)]
    assert amounts(Increments(10.0), *found) == [0, 10, 0, 0, 10]
    assert amounts(Increments(10.0), at(1.0, 5, None), at(2.0, 9, None)) == [0, 4]


def test_starts_may_be_known_beforehand() -> None:
    late = Increments(10.0, {"pod-1": 0.0})
    assert amounts(late, *(reading(at, series("m", (at, at))) for at in (1.0, 5.0, 12.0, 20.0))) == [0, 0, 0, 8]


def native(*samples: tuple[float, tuple[Bucket, ...]], pod: str = "pod-1") -> Series:
    counts = [Sample(at, sum(one.events for one in buckets)) for at, buckets in samples]
    return Series.of("h", {"pod": pod}, counts, pod, dict(samples))


def grew(increments: Increments, at: float, *found: Series) -> list[dict[float, float]]:
    return [{one.upper: one.events for one in gain.buckets} for gain in increments.add(reading(at, *found))]


def test_native_histograms_grow_bucket_by_bucket() -> None:
    increments = Increments()
    first = (Bucket(0.5, 1.0, 5.0),)
    increments.add(reading(0, native((0.0, first))))
    second, third = (Bucket(0.5, 1.0, 6.0),), (Bucket(0.5, 1.0, 6.0), Bucket(1.0, 2.0, 2.0))
    (gain,) = increments.add(reading(2, native((0.0, first), (1.0, second), (1.5, second), (2.0, third))))
    assert (gain.amount, gain.at, gain.buckets) == (3.0, 1.0, (Bucket(0.5, 1.0, 1.0), Bucket(1.0, 2.0, 2.0)))
    assert grew(increments, 3, native((3.0, third))) == [{}]


def test_a_native_histogram_that_appears_counts_from_nothing() -> None:
    increments = Increments()
    increments.add(reading(0, series("other", (0, 1))))
    assert grew(increments, 1, native((1.0, (Bucket(0.5, 1.0, 2.0),)))) == [{1.0: 2.0}]
    unknown = native((2.0, (Bucket(0.5, 1.0, 9.0),)), (3.0, (Bucket(0.5, 1.0, 10.0),)), pod="pod-2")
    assert grew(increments, 3, unknown) == [{1.0: 1.0}]


def test_a_native_histogram_that_has_lost_a_bucket_has_begun_anew() -> None:
    increments = Increments()
    increments.add(reading(0, native((0.0, (Bucket(0.5, 1.0, 5.0), Bucket(1.0, 2.0, 1.0))))))
    more = native((1.0, (Bucket(0.5, 1.0, 9.0),)))
    (gain,) = increments.add(reading(1, more))
    assert (gain.amount, gain.buckets) == (9.0, (Bucket(0.5, 1.0, 9.0),))
    assert grew(increments, 2, native((2.0, (Bucket(1.0, 2.0, 3.0),)))) == [{2.0: 3.0}]


def test_of_two_pods_both_are_told_as_the_coarser_one_is() -> None:
    increments = Increments()
    fine = (Bucket(1.0, 2**0.5, 2.0), Bucket(2**0.5, 2.0, 1.0))
    increments.add(reading(0, native((0.0, fine)), native((0.0, fine), pod="pod-2")))
    finer = (Bucket(1.0, 2**0.5, 3.0), Bucket(2**0.5, 2.0, 1.0))
    coarse = (Bucket(1.0, 2.0, 7.0),)
    assert grew(increments, 1, native((1.0, finer)), native((1.0, coarse), pod="pod-2")) == [{2.0: 1.0}, {2.0: 4.0}]


def test_what_a_native_histogram_counts_while_it_warms_up_is_left_out() -> None:
    increments = Increments(warm_up=10.0)
    early, late = (Bucket(0.5, 1.0, 5.0),), (Bucket(0.5, 1.0, 9.0),)
    begun = Target("pod-1", started=0.0)
    increments.add(reading(0, native((0.0, ())), targets=[begun]))
    (gain,) = increments.add(reading(12, native((5.0, early), (11.0, early), (12.0, late)), targets=[begun]))
    assert (gain.amount, gain.buckets) == (4.0, (Bucket(0.5, 1.0, 4.0),))
