# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from math import inf

from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters, Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.history import cells, recall, slowness
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector

from tests.unit.gate.builders import ALL, BAD, reading, series

ERRORS = Counters((BAD,), (ALL,))
SLOW = Counters((), (Selector("seconds_bucket"),), bound=0.2, whole=True)


def counter(code: str, every: float, pod: str = "pod-1", begun: int = 0, until: int = 200, step: int = 5):  # type: ignore[no-untyped-def]
    """A counter that gains `every` each 10 s."""
    samples = [(float(at), every * (at - begun) / 10) for at in range(begun, until + 1, step)]
    return series(f'requests_total{{pod="{pod}",status="{code}"}}', *samples, target=pod)


def test_whole_cells_back_from_now_pod_by_pod() -> None:
    found = cells(ERRORS, reading(200.0, counter("200", 9.0), counter("500", 1.0), counter("200", 5.0, "pod-2")))
    assert found == [{"pod-1": Events(1.5, 15), "pod-2": Events(0, 7.5)}] * 13


def test_a_pod_that_came_later_counts_from_where_it_was_seen_first() -> None:
    found = cells(ERRORS, reading(60.0, counter("200", 10.0, until=60), counter("200", 10.0, "pod-2", 25, until=60)))
    assert [cell.get("pod-2") for cell in found] == [None, Events(0, 5), Events(0, 15), Events(0, 15)]


def test_a_source_that_keeps_no_samples_has_no_history() -> None:
    assert cells(ERRORS, reading(200.0, counter("200", 9.0, begun=200))) == []
    assert cells(ERRORS, reading(200.0)) == []


def test_histograms_of_cells() -> None:
    buckets = [(0.1, 6.0), (0.2, 9.0), (inf, 10.0)]
    found = [
        series(f'seconds_bucket{{le="{bound}"}}', *((float(at), every * at / 10) for at in range(0, 121, 5)))
        for bound, every in buckets
    ]
    assert slowness(SLOW, reading(120.0, *found)) == [{0.1: 9.0, 0.2: 4.5, inf: 1.5}] * 8
    assert cells(SLOW, reading(120.0, *found)) == [{"pod-1": Events(1.5, 15)}] * 8


def test_without_the_bucket_that_is_asked_for_there_is_no_history() -> None:
    found = [series(f'seconds_bucket{{le="{bound}"}}', (0.0, 0.0), (60.0, 5.0)) for bound in (0.1, inf)]
    assert cells(SLOW, reading(60.0, *found)) == []


def arm(text: str) -> Counters:
    every = Selector.parse(f'requests_total{{pod="{text}"}}')
    return Counters((every.where("status", "=", "500"),), (every,))


def test_since_users_came_both_arms_are_looks_and_before_it_is_history() -> None:
    stable, canary = (counter("200", 10.0, pod, until=90) for pod in ("stable", "canary"))
    (before, slow), looks = recall(arm("canary"), arm("stable"), reading(90.0, stable, canary), since=45.0)
    assert (len(before), slow) == (3, [])
    assert [look.at for look in looks] == [60.0, 75.0, 90.0]
    assert looks[0].pods == {"canary": Events(0, 15)}
    assert looks[0].baseline == {"stable": Events(0, 15)}


def test_an_arm_that_came_later_is_silent_until_then() -> None:
    stable = counter("200", 10.0, "stable", until=90)
    canary = counter("200", 10.0, "canary", begun=60, until=90)
    _before, looks = recall(arm("canary"), arm("stable"), reading(90.0, stable, canary), since=30.0)
    assert [look.events.total for look in looks] == [0, 0, 15, 15]
    _before, looks = recall(arm("canary"), arm("stable"), reading(90.0, stable, canary), since=90.0)
    assert looks == []


def test_histograms_are_recalled_too() -> None:
    found = [
        series(f'seconds_bucket{{arm="{name}",le="{bound}"}}', *((float(at), at * 1.0) for at in range(0, 61, 5)))
        for name in ("canary", "stable")
        for bound in (0.2, inf)
    ]
    arms = [Counters((), (Selector.parse(f'seconds_bucket{{arm="{name}"}}'),), bound=0.2, whole=True)
            for name in ("canary", "stable")]  # fmt: skip
    (_before, slow), looks = recall(arms[0], arms[1], reading(60.0, *found), since=30.0)
    assert slow == [{0.2: 15.0, inf: 0.0}] * 2
    assert looks[-1].slowness == ({0.2: 15.0, inf: 0.0}, {0.2: 15.0, inf: 0.0})
