# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Datadog: where it is asked, and how its points are read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.datadog import Datadog
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Sample

from tests.unit.gate.sources.server import Metrics, document, serving
from tests.unit.gate.sources.services import MINUTE, POINTLIST, SPAN, datadog


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with serving(Metrics()) as running:
        yield running


def test_the_question_and_its_answer(metrics: Metrics) -> None:
    metrics.answers["*"] = document(
        datadog({"pointlist": POINTLIST, "tag_set": ["pod_name:shop-1", "lonely"]}, {"pointlist": [], "tag_set": []})
    )
    client = JsonClient("Datadog", HttpOptions(metrics.url, headers={"DD-API-KEY": "a", "DD-APPLICATION-KEY": "b"}))
    one, two = Datadog(client).ask("sum:x{*}.as_count()", SPAN)
    method, path, query, headers = metrics.asked[0]
    assert (method, path) == ("GET", "/api/v1/query")
    assert query == {"query": "sum:x{*}.as_count()", "from": "1700000000", "to": "1700000061"}
    assert (headers["DD-API-KEY"], headers["DD-APPLICATION-KEY"]) == ("a", "b")
    assert one.labels == {"pod_name": "shop-1", "lonely": ""}
    assert one.samples == [Sample(MINUTE - 20, 3.0), Sample(MINUTE, 4.0)]
    assert two.samples == []
    assert Datadog(client).describe() == f"Datadog at {metrics.url}"
