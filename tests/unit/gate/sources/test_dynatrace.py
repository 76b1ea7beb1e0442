# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dynatrace: where it is asked, and how its minutes are dated."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.dynatrace import Dynatrace
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Sample, SourceError

from tests.unit.gate.sources.server import Metrics, document, serving
from tests.unit.gate.sources.services import MINUTE, SPAN, dynatrace


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with serving(Metrics()) as running:
        yield running


def service(metrics: Metrics) -> Dynatrace:
    return Dynatrace(JsonClient("Dynatrace", HttpOptions(metrics.url, token="dt0c01.x", scheme="Api-Token")))


def test_the_question_and_its_answer(metrics: Metrics) -> None:
    data = {"dimensionMap": {"k8s.pod.name": "shop-1"}, "timestamps": [MINUTE * 1000], "values": [7]}
    metrics.answers["*"] = document(dynatrace(data))
    (points,) = service(metrics).ask("errors:sum", SPAN)
    _method, path, query, headers = metrics.asked[0]
    assert path == "/api/v2/metrics/query"
    assert query == {"metricSelector": "errors:sum", "from": "1700000000250", "to": "1700000060500", "resolution": "1m"}
    assert headers["Authorization"] == "Api-Token dt0c01.x"
    assert points == ({"k8s.pod.name": "shop-1"}, [Sample(MINUTE - 60, 7.0)])
    assert service(metrics).describe() == f"Dynatrace at {metrics.url}"


def test_an_answer_of_several_pages_is_refused(metrics: Metrics) -> None:
    metrics.answers["*"] = document({**dynatrace(), "nextPageKey": "more"})
    with pytest.raises(SourceError) as caught:
        service(metrics).ask("errors", SPAN)
    assert (caught.value.kind, "add :splitBy()" in str(caught.value)) == ("bad_query", True)
