# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elasticsearch and OpenSearch: documents counted, or aggregated to one number."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.elasticsearch import Elasticsearch
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Sample, SourceError

from tests.unit.gate.sources.server import Metrics, document, serving
from tests.unit.gate.sources.services import SPAN, elastic


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with serving(Metrics()) as running:
        yield running


AVERAGE = '{"query": {"term": {"app": "shop"}}, "aggs": {"took": {"avg": {"field": "took"}}}}'
WITHIN = {"gte": 1_700_000_000_250, "lte": 1_700_000_060_500, "format": "epoch_millis"}


def service(metrics: Metrics, time_field: str = "@timestamp") -> Elasticsearch:
    return Elasticsearch(JsonClient("Elasticsearch", HttpOptions(metrics.url)), "logs-*", time_field)


def refusal(metrics: Metrics, question: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        service(metrics).ask(question, SPAN)
    return caught.value


def test_documents_are_counted_to_the_last(metrics: Metrics) -> None:
    metrics.answers["*"] = document(elastic(0))
    (points,) = service(metrics, "time").ask("status:>=500", SPAN)
    method, path, _query, headers = metrics.asked[0]
    assert (method, path, headers["Content-Type"]) == ("POST", "/logs-*/_search", "application/json")
    assert json.loads(metrics.bodies[0]) == {
        "size": 0,
        "track_total_hits": True,
        "query": {"bool": {"filter": [{"range": {"time": WITHIN}}, {"query_string": {"query": "status:>=500"}}]}},
    }
    assert points == ({}, [Sample(SPAN.end, 0.0)])
    assert service(metrics).describe() == f"Elasticsearch at {metrics.url}"


def test_the_total_of_versions_before_7(metrics: Metrics) -> None:
    metrics.answers["*"] = document({**elastic(0), "hits": {"total": 12}})
    assert service(metrics).ask("x", SPAN)[0].samples == [Sample(SPAN.end, 12.0)]


@pytest.mark.parametrize(
    ("found", "expected"), [({"value": 0.25}, [0.25]), ({"values": {"95.0": 0.5}}, [0.5]), ({"value": None}, [])]
)
def test_one_aggregation(metrics: Metrics, found: object, expected: list[float]) -> None:
    metrics.answers["*"] = document(elastic(3, aggregations={"took": found}))
    answer = service(metrics).ask(AVERAGE, SPAN)
    assert [sample.value for points in answer for sample in points.samples] == expected
    sent = json.loads(metrics.bodies[0])
    assert sent["aggs"] == {"took": {"avg": {"field": "took"}}}
    assert sent["query"]["bool"]["filter"] == [{"range": {"@timestamp": WITHIN}}, {"term": {"app": "shop"}}]


def test_an_aggregation_of_everything(metrics: Metrics) -> None:
    metrics.answers["*"] = document(elastic(3, aggregations={"took": {"value": 1}}))
    service(metrics).ask('{"aggs": {"took": {"avg": {"field": "took"}}}}', SPAN)
    assert json.loads(metrics.bodies[0])["query"]["bool"]["filter"][1] == {"match_all": {}}


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (elastic(3, timed_out=True), "server_error", "answered only in part for"),
        (elastic(3, _shards={"total": 2, "failed": 1}), "server_error", "1 shards failed"),
        (elastic(3, aggregations={"a": {"value": 1}, "b": {"value": 2}}), "bad_query", "it has 2 aggregations"),
        (elastic(3, aggregations={"a": {"values": {"50": 1, "95": 2}}}), "bad_query", "it gives 2 numbers"),
        (elastic(3, aggregations={"a": {"buckets": []}}), "bad_answer", "another shape"),
    ],
)
def test_what_is_less_than_an_answer(metrics: Metrics, answer: object, kind: str, said: str) -> None:
    metrics.answers["*"] = document(answer)
    error = refusal(metrics, AVERAGE)
    assert (error.kind, said in str(error)) == (kind, True)


def test_a_body_that_is_no_json(metrics: Metrics) -> None:
    error = refusal(metrics, "{status:500}")
    assert (error.kind, "begins with a brace but is no JSON" in str(error)) == ("bad_query", True)
    assert metrics.asked == []


def test_an_index_that_is_not_there(metrics: Metrics) -> None:
    said = {"error": {"root_cause": [], "type": "index_not_found_exception", "reason": "no such index [logs]"}}
    metrics.answers["*"] = document({**said, "status": 404}, 404)
    assert "no such index [logs] (HTTP 404)" in str(refusal(metrics, "x"))
