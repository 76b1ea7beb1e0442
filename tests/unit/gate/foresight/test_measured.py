# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable's last days, asked of a metrics server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.measured import Measured, measure
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.prometheus import PrometheusSource
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import SourceError
from ansible_collections.slipway.rollout.plugins.module_utils.gate.workers import Workers

from tests.unit.gate.builders import FakeClock
from tests.unit.gate.sources.server import Metrics, failure, matrix, scalar, serving

EVERY, BAD = Selector.parse("m"), Selector.parse('m{status="500"}')
ERRORS = Counters((BAD,), (EVERY,))


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with serving(Metrics({"time()": scalar(100000.0)})) as running:
        yield running


def hours(*counts: float, **labels: str) -> Any:
    return matrix((labels, [(3600.0 * place, str(count)) for place, count in enumerate(counts)]))


def asked(metrics: Metrics, counters: Counters = ERRORS) -> Measured:
    client = JsonClient("Prometheus", HttpOptions(metrics.url))
    return measure(PrometheusSource(client, FakeClock(), Workers(2), 5.0), counters, 2.0, 3600.0)


def test_requests_by_hour_and_the_share_of_bad_ones(metrics: Metrics) -> None:
    metrics.answers["sum(increase(m[1h]))"] = hours(36000, 72000, 3600)
    metrics.answers['sum(increase(m{status="500"}[1h]))'] = hours(100, 0, float("nan"))
    found = asked(metrics)
    assert (found.rates, found.rate, found.quiet) == ([10.0, 20.0, 1.0], 10.0, 1.0)
    assert found.base == 100 / 111600
    assert found.dispersion is None
    (query,) = [one for _method, path, one, _headers in metrics.asked if "500" in one["query"] and "range" in path]
    assert (query["start"], query["end"], query["step"]) == ("-69200.000", "100000.000", "3600")
    assert "m[3600s]" in metrics.queries


def test_good_events_and_no_bad_ones(metrics: Metrics) -> None:
    metrics.answers["sum(increase(m[1h]))"] = hours(1000)
    metrics.answers["sum(increase(g[1h]))"] = hours(990)
    assert asked(metrics, Counters((Selector("g"),), (EVERY,), good=True)).base == pytest.approx(0.01)
    assert asked(metrics, ERRORS).base == 0.003  # as if there had been three


def test_slow_requests_are_those_beyond_the_chosen_bucket(metrics: Metrics) -> None:
    buckets = {"0.1": 500.0, "0.25": 900.0, "0.5": 960.0, "+Inf": 1000.0}
    metrics.answers["sum by (le) (increase(h_bucket[1h]))"] = matrix(
        *(({"le": edge}, [(3600.0, str(count))]) for edge, count in buckets.items())
    )
    slow = Counters((), (Selector("h_bucket"), Selector("other_bucket")), bound=0.3)
    found = asked(metrics, slow)
    assert (found.bad, found.total) == (40.0, 1000.0)


def test_of_native_histograms_the_server_counts_what_is_slow(metrics: Metrics) -> None:
    slow = Counters((), (Selector.parse('h_bucket{le="x",pod="a"}'),), bound=0.3)
    grown = 'sum(increase(h{pod="a"}[1h]))'
    metrics.answers["*"] = matrix()
    every = f"histogram_count({grown})"
    metrics.answers[every] = hours(1000, 3000, 0)
    metrics.answers[f"{every} * (1 - histogram_fraction(-Inf, 0.3, {grown}))"] = hours(50, 30, float("nan"))
    found = asked(metrics, slow)
    assert (found.bad, found.total) == (80.0, 4000.0)
    metrics.answers["*"] = failure(400, "unknown function")
    for known in [one for one in metrics.answers if one.startswith("histogram")]:
        del metrics.answers[known]
    metrics.answers['sum by (le) (increase(h_bucket{le="x",pod="a"}[1h]))'] = matrix()
    with pytest.raises(SourceError, match="No requests were counted by h_bucket"):
        asked(metrics, slow)
    metrics.answers["*"] = failure(500, "broken")
    with pytest.raises(SourceError, match="broken"):
        asked(metrics, slow)


def test_how_failures_cluster_is_learnt_as_the_gate_does(metrics: Metrics) -> None:
    metrics.answers["sum(increase(m[1h]))"] = hours(36000)
    metrics.answers['sum(increase(m{status="500"}[1h]))'] = hours(360)
    good, bad = ([(96400.0 + 15 * n, str(rate * n)) for n in range(241)] for rate in (150, 3))
    labels = [{"__name__": "m", "status": status, "pod": "a", "instance": "a"} for status in ("200", "500")]
    metrics.answers["m[3600s]"] = matrix((labels[0], good), (labels[1], bad))
    found = asked(metrics)
    assert found.dispersion is not None
    assert found.dispersion.value == 1.0  # as regular as can be


def test_without_requests_there_is_nothing_to_plan_by(metrics: Metrics) -> None:
    with pytest.raises(SourceError, match="No requests were counted by m in the last 2 days"):
        asked(metrics)
