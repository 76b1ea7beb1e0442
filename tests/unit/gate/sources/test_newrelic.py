# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""New Relic: NRQL in NerdGraph's envelope, and one number of each row."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.newrelic import NewRelic
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Sample, SourceError

from tests.unit.gate.sources.server import Metrics, document, serving
from tests.unit.gate.sources.services import MINUTE, SPAN, newrelic


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with serving(Metrics()) as running:
        yield running


def service(metrics: Metrics) -> NewRelic:
    return NewRelic(JsonClient("New Relic", HttpOptions(metrics.url, headers={"API-Key": "NRAK-x"})), 42)


def test_the_question_and_its_answer(metrics: Metrics) -> None:
    row = {
        "facet": "shop-1",
        "podName": "shop-1",
        "count": 7,
        "beginTimeSeconds": MINUTE,
        "endTimeSeconds": MINUTE + 60,
    }
    metrics.answers["*"] = document(newrelic(row))
    (points,) = service(metrics).ask("SELECT count(*) FROM Transaction FACET podName TIMESERIES", SPAN)
    method, path, _query, headers = metrics.asked[0]
    assert (method, path, headers["API-Key"]) == ("POST", "/graphql", "NRAK-x")
    assert json.loads(metrics.bodies[0])["variables"] == {
        "account": 42,
        "nrql": "SELECT count(*) FROM Transaction FACET podName TIMESERIES SINCE 1700000000250 UNTIL 1700000060500",
    }
    assert points == ({"facet": "shop-1", "podName": "shop-1"}, [Sample(MINUTE, 7.0)])
    assert service(metrics).describe() == f"New Relic at {metrics.url}"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"percentile.duration": {"95": 0.25}}, [0.25]),
        ({"average.duration": None}, []),
        ({"result": 3.5, "error": False}, [3.5]),
    ],
)
def test_the_number_of_a_row(metrics: Metrics, row: object, expected: list[float]) -> None:
    metrics.answers["*"] = document(newrelic(row))
    answer = service(metrics).ask("SELECT x FROM y", SPAN)
    assert [sample for points in answer for sample in points.samples] == [Sample(SPAN.end, one) for one in expected]


def test_several_numbers_are_refused(metrics: Metrics) -> None:
    metrics.answers["*"] = document(newrelic({"count": 1, "percentile.duration": {"50": 1, "95": 2}}))
    with pytest.raises(SourceError) as caught:
        service(metrics).ask("SELECT x FROM y", SPAN)
    said = "it gives count, percentile.duration.50, percentile.duration.95, where one number"
    assert (caught.value.kind, said in str(caught.value)) == ("bad_query", True)


def test_a_span_of_its_own_is_refused(metrics: Metrics) -> None:
    with pytest.raises(SourceError) as caught:
        service(metrics).ask("SELECT count(*) FROM Transaction SINCE 1 hour ago", SPAN)
    assert (caught.value.kind, "leave out SINCE and UNTIL" in str(caught.value)) == ("bad_query", True)
    assert metrics.asked == []
