# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""InfluxDB: the span goes where the question says, and one field comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.influxdb import InfluxDB
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Sample, SourceError

from tests.unit.gate.sources.server import Metrics, document, serving
from tests.unit.gate.sources.services import SPAN, influx


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with serving(Metrics()) as running:
        yield running


QUESTION = "SELECT sum(errors) FROM requests WHERE $timeFilter GROUP BY pod"


def service(metrics: Metrics) -> InfluxDB:
    return InfluxDB(JsonClient("InfluxDB", HttpOptions(metrics.url, token="t", scheme="Token")), "shop")


def test_the_question_and_its_answer(metrics: Metrics) -> None:
    values = [[1_700_000_000_250, 7], [1_700_000_010_000, None]]
    metrics.answers["*"] = document(influx({"tags": {"pod": "a"}, "columns": ["time", "sum"], "values": values}))
    (points,) = service(metrics).ask(QUESTION, SPAN)
    _method, path, query, headers = metrics.asked[0]
    assert path == "/query"
    assert query == {
        "db": "shop",
        "epoch": "ms",
        "q": QUESTION.replace("$timeFilter", "(time >= 1700000000250ms AND time <= 1700000060500ms)"),
    }
    assert headers["Authorization"] == "Token t"
    assert points == ({"pod": "a"}, [Sample(SPAN.start, 7.0)])
    assert service(metrics).describe() == f"InfluxDB at {metrics.url}"


def test_several_fields_are_refused(metrics: Metrics) -> None:
    metrics.answers["*"] = document(influx({"columns": ["time", "sum", "max"], "values": []}))
    with pytest.raises(SourceError) as caught:
        service(metrics).ask(QUESTION, SPAN)
    assert (caught.value.kind, "it gives sum, max, where one field" in str(caught.value)) == ("bad_query", True)


def test_a_question_without_a_span_is_refused(metrics: Metrics) -> None:
    with pytest.raises(SourceError) as caught:
        service(metrics).ask("SELECT sum(errors) FROM requests", SPAN)
    assert (caught.value.kind, "has no $timeFilter" in str(caught.value)) == ("bad_query", True)
    assert metrics.asked == []
