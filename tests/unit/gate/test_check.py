# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From gains to events: bad, good, slow."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters, Events, pod_of
from ansible_collections.slipway.rollout.plugins.module_utils.gate.histograms import NoBucket
from ansible_collections.slipway.rollout.plugins.module_utils.gate.increments import Gain
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Series
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.gate.builders import series

ALL, BAD, GOOD = (Selector.parse(text) for text in ("m", 'm{status=~"5.."}', 'm{status!~"5.."}'))
SLOW = Counters((), (Selector.parse("h_bucket"),), bound=0.3)
BUCKETS = ("0.1", "0.25", "0.5", "1", "+Inf")


def gain(text: str, amount: float, at: float = 1.0) -> Gain:
    return Gain(series(text, (at, 100.0)), amount, at)


def histogram(pod: str, *counts: float, buckets: tuple[str, ...] = BUCKETS) -> list[Gain]:
    return [gain(f'h_bucket{{le="{le}",pod="{pod}"}}', count) for le, count in zip(buckets, counts, strict=True)]


REQUESTS = [
    gain('m{status="200",pod="a"}', 8),
    gain('m{status="500",pod="a"}', 2, at=3.0),
    gain('m{status="503",pod="b"}', 1, at=2.0),
    gain("other", 99),
]


def test_bad_events_per_pod() -> None:
    counters = Counters((BAD,), (ALL,))
    assert counters.count(REQUESTS) == {"a": Events(2, 10), "b": Events(1, 1)}
    assert counters.first_bad(REQUESTS) == 2.0
    assert counters.first_bad([]) is None


def test_good_events_say_the_same() -> None:
    counters = Counters((GOOD,), (ALL,), good=True)
    assert counters.count(REQUESTS) == {"a": Events(2, 10), "b": Events(1, 1)}
    assert counters.first_bad(REQUESTS) == 1.0


@given(st.integers(0, 50), st.integers(0, 50))
def test_there_are_never_more_bad_events_than_events(bad: int, total: int) -> None:
    """Counters of two names may come from two scrapes."""
    gains = [gain("bad", bad), gain("all", total)]
    for good in (False, True):
        found = Counters((Selector("bad"),), (Selector("all"),), good=good).count(gains)
        assert all(0 <= events.bad <= events.total for events in found.values())


def test_alternatives_are_summed_and_narrowed_to_those_that_exist() -> None:
    counters = Counters((Selector("x_bad"), Selector("y_bad")), (Selector("x"), Selector("y")))
    assert counters.count([gain("y", 5), gain("y_bad", 1)]) == {"pod-1": Events(1, 5)}
    assert counters.narrowed([series("y", (0, 1))]) == Counters((Selector("y_bad"),), (Selector("y"),))
    assert counters.narrowed([]) == counters
    assert Counters((BAD, BAD), (ALL,)).narrowed([series("m", (0, 1))]).part == (BAD, BAD)


def test_slow_is_what_the_smallest_bucket_at_or_above_the_bound_does_not_hold() -> None:
    gains = [*histogram("a", 5, 6, 8, 9, 10), *histogram("b", 0, 0, 1, 2, 4)]
    assert SLOW.count(gains) == {"a": Events(2, 10), "b": Events(3, 4)}
    assert SLOW.buckets([one.series for one in gains]) == [0.5]


def test_buckets_are_compared_as_numbers() -> None:
    found = histogram("a", 1, 2, 3, 4, 5, buckets=("5", "10", "25", "100", "+Inf"))
    assert Counters((), SLOW.all, bound=9).buckets([one.series for one in found]) == [10]
    same = histogram("a", 1, 2, buckets=("3e-1", "+Inf"))
    assert SLOW.count(same) == {"a": Events(1, 2)}


def test_several_histograms_of_a_pod_are_summed() -> None:
    paths = [
        gain(f'h_bucket{{le="{le}",path="{path}",pod="a"}}', count)
        for path in ("/x", "/y")
        for le, count in (("0.5", 1), ("+Inf", 3))
    ]
    odd = [gain('h_bucket{pod="a"}', 9), gain('h_bucket{le="x",pod="a"}', 9)]
    assert SLOW.count([*paths, *odd]) == {"a": Events(4, 6)}


@pytest.mark.parametrize(
    ("buckets", "said"),
    [
        (("0.1", "0.25", "+Inf"), "no bucket of the histogram ends at 0.3 or above; its buckets end at 0.1, 0.25"),
        (("0.1", "0.5"), "its buckets end at 0.1, 0.5"),
        (("+Inf",), "its buckets end at none"),
    ],
)
def test_a_histogram_that_cannot_tell_is_an_error(buckets: tuple[str, ...], said: str) -> None:
    gains = histogram("a", *range(len(buckets)), buckets=buckets)
    with pytest.raises(NoBucket, match=said):
        SLOW.count(gains)


def test_only_the_buckets_that_are_needed_are_asked_for_afterwards() -> None:
    found = [one.series for one in histogram("a", 5, 6, 8, 9, 10)]
    narrow = SLOW.narrowed(found)
    assert [str(selector) for selector in narrow.all] == ['h_bucket{le=~"\\\\+Inf|0\\\\.5"}']
    assert narrow.narrowed(found) == narrow
    assert SLOW.narrowed([]) == SLOW
    assert SLOW.selectors() == SLOW.all


@pytest.mark.parametrize(
    ("labels", "expected"),
    [({"pod": "p", "instance": "i"}, "p"), ({"instance": "i"}, "i"), ({}, "pod-1")],
)
def test_events_are_counted_for_whoever_exposes_them(labels: dict[str, str], expected: str) -> None:
    assert pod_of(Series.of("m", labels, [], "pod-1")) == expected
