# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loki: the span goes where the question says, and only numbers are taken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.loki import Loki
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Sample, SourceError

from tests.unit.gate.sources.server import Metrics, document, serving
from tests.unit.gate.sources.services import SPAN, loki


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with serving(Metrics()) as running:
        yield running


def service(metrics: Metrics) -> Loki:
    return Loki(JsonClient("Loki", HttpOptions(metrics.url)))


def test_the_question_and_its_answer(metrics: Metrics) -> None:
    metrics.answers["*"] = document(loki({"metric": {"pod": "a"}, "value": [1_700_000_060.5, "7"]}))
    (points,) = service(metrics).ask('sum by (pod) (count_over_time({app="shop"}[$__range]))', SPAN)
    _method, path, query, _headers = metrics.asked[0]
    assert path == "/loki/api/v1/query"
    assert query == {"query": 'sum by (pod) (count_over_time({app="shop"}[61s]))', "time": "1700000060.500"}
    assert points == ({"pod": "a"}, [Sample(SPAN.end, 7.0)])
    assert service(metrics).describe() == f"Loki at {metrics.url}"


def test_lines_are_no_number(metrics: Metrics) -> None:
    metrics.answers["*"] = document(loki(kind="streams"))
    with pytest.raises(SourceError) as caught:
        service(metrics).ask('{app="shop"} |= "$__range"', SPAN)
    assert (caught.value.kind, "gives streams" in str(caught.value)) == ("bad_query", True)


def test_a_question_without_a_span_is_refused(metrics: Metrics) -> None:
    with pytest.raises(SourceError) as caught:
        service(metrics).ask('count_over_time({app="shop"}[5m])', SPAN)
    assert (caught.value.kind, "has no [$__range]" in str(caught.value)) == ("bad_query", True)
    assert metrics.asked == []
