# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus and VictoriaMetrics: the same file of ours, the same figures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.clock import SystemClock
from ansible_collections.slipway.rollout.plugins.module_utils.gate.increments import Increments
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.prometheus import PrometheusSource
from ansible_collections.slipway.rollout.plugins.module_utils.gate.workers import Workers

from tests.services.page import Page, exposed
from tests.services.servers import running

GOOD, BAD = 'requests_total{version="canary",status="200"}', 'requests_total{version="canary",status="500"}'
ALL = Selector.parse('requests_total{version="canary"}')


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with exposed(Page({GOOD: 100, 'queue_length{version="canary"}': 7})) as found:
        yield found


@pytest.fixture(scope="module", params=["prometheus", "victoria-metrics"])
def url(
    request: pytest.FixtureRequest, root: Path, page: Page, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    page.series[GOOD] = 100
    page.series.pop(BAD, None)
    folder = tmp_path_factory.mktemp(request.param)
    with running(request.param, root, folder, page.port) as address:
        yield address


@pytest.fixture
def source(url: str) -> PrometheusSource:
    return PrometheusSource(JsonClient("Prometheus", HttpOptions(url)), SystemClock(), Workers(4), 5.0)


def until(found: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, "it has not come about"
        time.sleep(0.2)


def test_counters_are_counted_to_the_last(source: PrometheusSource, page: Page) -> None:
    until(lambda: bool(source.read([ALL]).series))
    counted, gains = Increments(), {"200": 0.0, "500": 0.0}
    counted.add(source.read([ALL]))

    def look() -> bool:
        for gain in counted.add(source.read([ALL])):
            gains[gain.series.labels["status"]] += gain.amount
        return gains == {"200": 30.0, "500": 3.0}

    page.series[GOOD] += 30
    page.series[BAD] = 3  # a counter that appears with its first events
    until(look)
    time.sleep(1.5)
    assert look()
    page.series |= {GOOD: 5, BAD: 0}  # the application has begun anew
    until(lambda: look() or gains == {"200": 35.0, "500": 3.0})
    page.series |= {GOOD: 100}


def test_series_say_which_pod_they_are_of(source: PrometheusSource) -> None:
    until(lambda: bool(source.read([ALL]).series))
    (series, *_rest) = source.read([ALL]).series
    assert series.labels["pod"] == "shop-1"
    assert source.scraped(["shop-1", "shop-2"]) == {"shop-1"}


def test_values_names_and_labels(source: PrometheusSource) -> None:
    query = 'max(queue_length{version="canary"})'
    until(lambda: bool(source.read([], [query]).answers[query].values))
    answers = source.read([], [query, "2 + 3", "none", "sum("]).answers
    assert answers[query].values[0][1] == 7
    assert answers["2 + 3"].values[0][1] == 5
    assert answers["none"].values == ()
    assert answers["sum("].lasting
    until(lambda: {"requests_total", "queue_length"} <= set(source.names()))
    assert any(labels.get("version") == "canary" for labels in source.label_sets("queue_length"))
