# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus' API against a real server: samples as they were scraped, and no bad answer taken for a good one."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.clock import SystemClock
from ansible_collections.slipway.rollout.plugins.module_utils.gate.increments import Increments
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.prometheus import PrometheusSource
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Answer, SourceError
from ansible_collections.slipway.rollout.plugins.module_utils.gate.workers import Workers

from tests.unit.gate.builders import FakeClock
from tests.unit.gate.sources.server import Metrics, failure, matrix, ok, scalar, serving, vector

REQUESTS = Selector.parse('m{version="canary"}')
LABELS = {"__name__": "m", "version": "canary", "job": "pods", "instance": "10.0.0.1:9090", "pod": "canary-1"}
UP = 'up{job="pods",instance="10.0.0.1:9090"}'


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with serving(Metrics()) as running:
        yield running


def source(metrics: Metrics, timeout: float = 5.0, **more: Any) -> PrometheusSource:
    client = JsonClient("Prometheus", HttpOptions(metrics.url, timeout=timeout))
    return PrometheusSource(client, SystemClock(), Workers(4), timeout, **more)


def fixed(metrics: Metrics) -> tuple[PrometheusSource, FakeClock]:
    """A source whose server lives at 1000 s."""
    clock = FakeClock()
    metrics.answers["time()"] = scalar(1000.0)
    client = JsonClient("Prometheus", HttpOptions(metrics.url))
    return PrometheusSource(client, clock, Workers(4), 5.0), clock


def test_counters_are_read_as_raw_samples_at_one_moment_of_the_servers_clock(metrics: Metrics) -> None:
    one, clock = fixed(metrics)
    metrics.answers['m{version="canary"}[300s]'] = matrix((LABELS, [(998.0, "5"), (999.0, "7")]))
    reading = one.read([REQUESTS, REQUESTS.where("status", "=~", "5..")], ["sum(up)"])
    assert reading.at == 1000.0
    (series,) = reading.series
    assert (series.name, series.samples, series.target) == ("m", ((998.0, 5.0), (999.0, 7.0)), "pods 10.0.0.1:9090")
    assert "__name__" not in series.labels
    moments = {query.get("time") for _method, _path, query, _headers in metrics.asked if query["query"] != "time()"}
    assert moments == {"1000.000"}
    assert sorted(metrics.queries) == ['m{version="canary"}[300s]', "sum(up)", "time()"]
    assert not any(word in query for query in metrics.queries for word in ("rate", "increase"))
    assert one.sent([REQUESTS]) == ['m{version="canary"}[300s]']
    clock.now += 2
    metrics.answers['m{version="canary"}[10s]'] = matrix((LABELS, [(1001.0, "9")]))
    again = one.read([REQUESTS])
    assert (again.series[0].value, again.max_age) == (9, 8.0)
    assert one.sent([REQUESTS]) == ['m{version="canary"}[10s]']


def test_victoria_metrics_is_asked_for_what_is_new(metrics: Metrics) -> None:
    one, _clock = fixed(metrics)
    metrics.answers["time()"] = lambda: vector("1" if "nocache" not in metrics.asked[-1][2] else "1000")
    reading = one.read([REQUESTS])
    assert reading.at == 1000.0
    assert [query.get("nocache") for _method, _path, query, _headers in metrics.asked] == [None, "1", "1"]


def test_the_window_covers_what_a_look_that_failed_has_missed(metrics: Metrics) -> None:
    one, clock = fixed(metrics)
    metrics.answers["*"] = matrix((LABELS, [(998.0, "5"), (999.0, "7")]))
    one.read([REQUESTS])
    clock.now += 60
    metrics.answers["*"] = failure(500, "broken")
    with pytest.raises(SourceError):
        one.read([REQUESTS])
    clock.now += 10
    metrics.answers["*"] = matrix()
    one.read([REQUESTS])
    assert metrics.queries[-1].endswith("[78s]")


def test_slow_scrapes_get_a_longer_window(metrics: Metrics) -> None:
    one, clock = fixed(metrics)
    metrics.answers["*"] = matrix((LABELS, [(700.0, "5"), (760.0, "7"), (940.0, "8")]))
    one.read([REQUESTS])
    clock.now += 1
    assert one.read([REQUESTS]).max_age == 3 * 60 + 5
    assert metrics.queries[-1].endswith("[186s]")


def test_a_first_value_counts_when_the_target_was_scraped_before_without_it(metrics: Metrics) -> None:
    """The canary's counters appear with its first requests; `up` tells that they were not there before."""
    one, clock = fixed(metrics)
    metrics.answers["*"] = matrix()
    increments = Increments()
    increments.add(one.read([REQUESTS]))
    clock.now += 3
    metrics.answers['m{version="canary"}[98s]'] = matrix((LABELS, [(1002.0, "6")]))
    up = {"__name__": "up", "job": "pods", "instance": "10.0.0.1:9090"}
    metrics.answers[f"{UP}[98s]"] = matrix((up, [(1000.0, "0"), (1001.0, "1"), (1002.0, "1")]))
    reading = one.read([REQUESTS])
    assert reading.targets[0].scrapes == (1001.0, 1002.0)
    assert [gain.amount for gain in increments.add(reading)] == [6]
    one.read([REQUESTS])
    assert len([query for query in metrics.queries if query.startswith("up{")]) == 1


@pytest.mark.parametrize("up", [failure(500, "broken"), ok(matrix())])
def test_without_that_evidence_the_first_value_is_where_counting_begins(metrics: Metrics, up: object) -> None:
    one, clock = fixed(metrics)
    metrics.answers["*"] = matrix()
    increments = Increments()
    increments.add(one.read([REQUESTS]))
    clock.now += 3
    metrics.answers |= {"*": up, 'm{version="canary"}[98s]': matrix((LABELS, [(1002.0, "6"), (1003.0, "8")]))}
    assert [gain.amount for gain in increments.add(one.read([REQUESTS]))] == [2]


def test_a_pod_younger_than_the_baseline_counts_from_its_start(metrics: Metrics) -> None:
    one, clock = fixed(metrics)
    one.births = lambda: {"canary-1": 1001.5}
    metrics.answers["*"] = matrix()
    increments = Increments()
    increments.add(one.read([REQUESTS]))
    clock.now += 3
    metrics.answers['m{version="canary"}[98s]'] = matrix((LABELS, [(1002.0, "6")]))
    assert [gain.amount for gain in increments.add(one.read([REQUESTS]))] == [6]


def test_a_restart_between_two_scrapes_is_seen(metrics: Metrics) -> None:
    one, clock = fixed(metrics)
    increments = Increments()
    metrics.answers["*"] = matrix((LABELS, [(998.0, "5"), (999.0, "70")]))
    increments.add(one.read([REQUESTS]))
    clock.now += 4
    metrics.answers["*"] = matrix((LABELS, [(999.0, "70"), (1000.0, "75"), (1001.0, "2"), (1002.0, "3")]))
    assert [gain.amount for gain in increments.add(one.read([REQUESTS]))] == [5 + 2 + 1]


def test_series_of_rules_have_nobody_behind_them(metrics: Metrics) -> None:
    one, _clock = fixed(metrics)
    metrics.answers["*"] = matrix(({"__name__": "m", "version": "canary"}, [(999.0, "5")]))
    (series,) = one.read([REQUESTS]).series
    assert series.target == "m[('version', 'canary')]"


@pytest.mark.parametrize(
    ("answer", "values", "error"),
    [
        (vector("3"), [3.0], ""),
        (vector(), [], ""),
        (vector("1", "2"), [1.0, 2.0], ""),
        (vector("+Inf"), [math.inf], ""),
        (scalar(4), [4.0], ""),
        (matrix((LABELS, [(1.0, "1")])), [], "the query gives a matrix where one number is expected"),
        ({"resultType": "string", "result": [1, "x"]}, [], "the query gives a string"),
        ({"resultType": "vector", "result": 5}, [], "the query gives a vector"),
        ([], [], "the query gives a result of no known kind"),
        ({"resultType": "vector", "result": [{"metric": {}}]}, [], "where a time and a number are expected"),
        ({"resultType": "vector", "result": [{"metric": {}, "value": [1, "x"]}]}, [], "a time and a number"),
    ],
)
def test_free_queries(metrics: Metrics, answer: object, values: list[float], error: str) -> None:
    metrics.answers["q"] = answer
    found = source(metrics).read([], ["q"]).answers["q"]
    assert [value for _labels, value in found.values] == values
    assert error in found.error
    assert bool(found.error) is bool(error)


def test_nan_stays_nan(metrics: Metrics) -> None:
    metrics.answers["q"] = vector("NaN")
    assert math.isnan(source(metrics).read([], ["q"]).answers["q"].values[0][1])


def test_one_bad_query_does_not_hide_the_others(metrics: Metrics) -> None:
    metrics.answers |= {"bad": failure(400, "parse error"), "good": scalar(1), "broken": failure(500, "x")}
    answers = source(metrics).read([], ["bad", "good", "broken"]).answers
    assert answers["good"] == Answer((({}, 1.0),))
    assert (answers["bad"].lasting, answers["broken"].lasting) == (True, False)
    assert "rejects the question for `bad`: parse error" in answers["bad"].error


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failure(500, "broken"), "server_error"),
        (failure(401, ""), "refused"),
        ((200, b"{}", {}), "bad_answer"),
        ((200, b'{"status":"error"}', {}), "bad_answer"),
        ((200, b'{"status":"success"}', {}), "bad_answer"),
        ((200, b"[]", {}), "bad_answer"),
        (ok({"resultType": "matrix", "result": [5]}), "bad_answer"),
        (ok({"resultType": "matrix", "result": 5}), "bad_answer"),
        (ok({"resultType": "matrix", "result": [{"metric": {}, "values": [[1, "x"]]}]}), "bad_answer"),
        (ok({"resultType": "matrix", "result": [{"metric": {}, "values": [[1]]}]}), "bad_answer"),
    ],
)
def test_a_bad_answer_about_counters_is_an_error(metrics: Metrics, answer: object, kind: str) -> None:
    metrics.answers['m{version="canary"}[300s]'] = answer
    with pytest.raises(SourceError) as caught:
        source(metrics).read([REQUESTS])
    assert caught.value.kind == kind


def test_a_server_that_hangs_holds_nobody_up_longer_than_the_timeout(metrics: Metrics) -> None:
    one = source(metrics, timeout=0.3)
    one.read([])
    metrics.answers["*"] = metrics.hang
    begun = time.monotonic()
    with pytest.raises(SourceError) as caught:
        one.read([REQUESTS], ["q"])
    assert caught.value.kind == "timeout"
    assert time.monotonic() - begun < 1


def test_a_server_that_drips_runs_into_the_timeout_of_the_look(metrics: Metrics) -> None:
    one = source(metrics, timeout=5)
    one.read([])
    one = replace(one, timeout=0.2)
    metrics.answers["*"] = metrics.hang
    with pytest.raises(SourceError, match=r"gave no answer in 0.2 s for `m"):
        one.read([REQUESTS])


def test_names_and_labels(metrics: Metrics) -> None:
    metrics.answers |= {
        "/api/v1/label/__name__/values": ["m", "up"],
        "/api/v1/series": [{"__name__": "m", "version": "canary"}, 5],
    }
    one = source(metrics)
    assert one.names() == ["m", "up"]
    assert one.label_sets("m") == [{"__name__": "m", "version": "canary"}]
    query = metrics.asked[-1][2]
    assert (query["match[]"], query["limit"]) == ("m", "1000")
    assert float(query["end"]) - float(query["start"]) == pytest.approx(300)
    metrics.answers["/api/v1/label/__name__/values"] = "odd"
    assert one.names() == []


def test_pods_that_were_read_are_told_by_up(metrics: Metrics) -> None:
    metrics.answers['up{pod=~"a|b"} == 1'] = vector("1", pod="a")
    assert source(metrics).scraped(["a", "b"]) == {"a"}


def test_it_says_where_it_is(metrics: Metrics) -> None:
    assert source(metrics).describe() == f"Prometheus at {metrics.url}"
