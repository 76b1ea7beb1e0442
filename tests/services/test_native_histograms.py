# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Native histograms of a real Prometheus: counted to the last event, also where the application makes them coarser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.clock import SystemClock
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.measured import measure
from ansible_collections.slipway.rollout.plugins.module_utils.gate.increments import Increments
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.prometheus import PrometheusSource
from ansible_collections.slipway.rollout.plugins.module_utils.gate.workers import Workers

from tests.services.native_page import Native, NativePage
from tests.services.page import exposed
from tests.services.servers import running

BOUND = 0.25  # where the bucket -16 of schema 3 ends, and -8 of schema 2
SLOW = Counters((), (Selector.parse('took_seconds_bucket{version="canary"}'),), bound=BOUND)


@pytest.fixture
def page() -> Iterator[NativePage]:
    with exposed(NativePage("took_seconds", {"canary": Native(3, {-20: 100, -10: 5}, zero=2)})) as found:
        yield found


@pytest.fixture
def source(root: Path, page: NativePage, tmp_path: Path) -> Iterator[PrometheusSource]:
    with running("prometheus", root, tmp_path, page.port) as url:
        yield PrometheusSource(JsonClient("Prometheus", HttpOptions(url)), SystemClock(), Workers(4), 5.0)


def until(found: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, "it has not come about"
        time.sleep(0.2)


def test_each_event_is_counted_once_and_in_its_bucket(source: PrometheusSource, page: NativePage) -> None:
    canary = page.histograms["canary"]
    until(lambda: bool(source.read(SLOW.all).series))
    counted, slow, every, ends = Increments(), 0.0, 0.0, {}
    (first,) = source.read(SLOW.all).series
    assert (first.name, first.value, first.labels["pod"]) == ("took_seconds_bucket", 107.0, "shop-1")
    assert [one.events for one in first.buckets[first.timestamp]] == [2.0, 100.0, 5.0]
    counted.add(source.read(SLOW.all))

    def look() -> tuple[float, float]:
        nonlocal slow, every
        gains = counted.add(source.read(SLOW.all))
        for events in SLOW.count(gains).values():
            slow, every = slow + events.bad, every + events.total
        for end, count in SLOW.histogram(gains).items():
            ends[round(end, 4)] = ends.get(round(end, 4), 0.0) + count
        return slow, every

    canary.counts = {-20: 130, -16: 10, -15: 4, -10: 5}
    until(lambda: look() == (4.0, 44.0))
    assert ends == {round(2 ** (-20 / 8), 4): 30.0, 0.25: 10.0, round(2 ** (-15 / 8), 4): 4.0}
    canary.schema, canary.counts = 2, {-10: 130, -8: 10, -7: 4, -5: 9}  # half of the buckets, and four more events
    until(lambda: look() == (8.0, 48.0))
    canary.schema, canary.counts, canary.zero = 3, {-10: 3}, 0  # begun anew
    until(lambda: look() == (11.0, 51.0))
    time.sleep(1.5)  # one more scrape, which must count nothing again
    assert look() == (11.0, 51.0)


def test_the_plan_knows_the_share_of_slow_requests(source: PrometheusSource, page: NativePage) -> None:
    canary = page.histograms["canary"]
    until(lambda: bool(source.read(SLOW.all).series))
    canary.counts = {-20: 190, -10: 15}
    until(lambda: source.read(SLOW.all).series[0].value == 207)

    def share() -> float:
        return measure(source, SLOW, 0.0, 60.0).base

    until(lambda: bool(source.ranged("histogram_count(sum(increase(took_seconds[1h])))", 3600.0, 3600.0)))
    assert share() == pytest.approx(0.1, abs=0.02)
