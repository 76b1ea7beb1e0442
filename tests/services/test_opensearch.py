# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenSearch 2: documents of the span counted to the last, and aggregated to one number."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.elasticsearch import Elasticsearch
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.service import Span
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import SourceError

from tests.services.opensearch import running_opensearch

NOW = float(int(time.time()))
SPAN = Span(NOW - 60, NOW)
DOCUMENTS = ((70, 500, 1.0), (50, 500, 0.2), (40, 200, 0.4), (30, 200, 0.6))  # seconds ago, status, seconds taken


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elasticsearch]:
    with running_opensearch(tmp_path_factory.mktemp("opensearch")) as url:
        lines = []
        for ago, status, took in DOCUMENTS:
            source = {"@timestamp": int((NOW - ago) * 1000), "app": "shop", "status": status, "took": took}
            lines += [json.dumps({"index": {"_index": "logs-1"}}), json.dumps(source)]
        _send(url, "PUT", "/logs-1", {"mappings": {"properties": {"@timestamp": {"type": "date"}}}})
        _send(url, "POST", "/_bulk?refresh=true", "\n".join([*lines, ""]))
        yield Elasticsearch(JsonClient("OpenSearch", HttpOptions(url, timeout=20.0)), "logs-*")


def _send(url: str, method: str, path: str, body: object) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    request = urllib.request.Request(url + path, text.encode(), {"Content-Type": "application/json"}, method=method)
    urllib.request.urlopen(request, timeout=30).close()


def values(service: Elasticsearch, question: str) -> list[float]:
    return [sample.value for points in service.ask(question, SPAN) for sample in points.samples]


def test_documents_are_counted(service: Elasticsearch) -> None:
    assert values(service, "app:shop") == [3]
    assert values(service, "app:shop AND status:>=500") == [1]
    assert values(service, "app:none") == [0]


def test_an_aggregation(service: Elasticsearch) -> None:
    average = {"query": {"term": {"status": 200}}, "aggs": {"took": {"avg": {"field": "took"}}}}
    assert values(service, json.dumps(average)) == [pytest.approx(0.5)]
    percentile = {"aggs": {"took": {"percentiles": {"field": "took", "percents": [50]}}}}
    assert values(service, json.dumps(percentile)) == [pytest.approx(0.4)]
    assert values(service, json.dumps({**average, "query": {"term": {"status": 404}}})) == []


@pytest.mark.parametrize("question", ["app:(", '{"query": {"trem": {"a": 1}}}'])
def test_a_mistake_is_told(service: Elasticsearch, question: str) -> None:
    with pytest.raises(SourceError) as caught:
        service.ask(question, SPAN)
    assert caught.value.kind == "bad_query"


def test_an_index_that_is_not_there(service: Elasticsearch) -> None:
    with pytest.raises(SourceError, match="no such index"):
        Elasticsearch(service.client, "nowhere").ask("a", SPAN)
