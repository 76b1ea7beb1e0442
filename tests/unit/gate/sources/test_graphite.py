# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphite: where it is asked, and how its points are read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.graphite import Graphite
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Sample

from tests.unit.gate.sources.server import Metrics, document, serving
from tests.unit.gate.sources.services import MINUTE, SPAN


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with serving(Metrics()) as running:
        yield running


def test_the_question_and_its_answer(metrics: Metrics) -> None:
    metrics.answers["*"] = document(
        [
            {"target": "errors", "tags": {"pod": "a"}, "datapoints": [[3, MINUTE], [None, MINUTE + 10]]},
            {"target": "older", "datapoints": [[1.5, MINUTE]]},
        ]
    )
    service = Graphite(JsonClient("Graphite", HttpOptions(metrics.url)))
    tagged, plain = service.ask("errors.*", SPAN)
    _method, path, query, _headers = metrics.asked[0]
    assert path == "/render"
    assert query == {"target": "errors.*", "from": "1700000000", "until": "1700000061", "format": "json"}
    assert tagged == ({"target": "errors", "pod": "a"}, [Sample(MINUTE, 3.0)])
    assert plain == ({"target": "older"}, [Sample(MINUTE, 1.5)])
    assert service.describe() == f"Graphite at {metrics.url}"
