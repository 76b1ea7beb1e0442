# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any JSON: JMESPath finds the number, and nothing else is taken for one."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.document import Document
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import SourceError

from tests.unit.gate.sources.server import Metrics, document, serving
from tests.unit.gate.sources.services import SPAN


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with serving(Metrics()) as running:
        yield running


SHOP = {"requests": {"total": 12, "failed": "3"}, "ok": True, "name": "shop", "pods": [{"n": 1}, {"n": 2.5}]}


def asked(metrics: Metrics, question: str) -> list[float]:
    metrics.answers["*"] = document(SHOP)
    service = Document(JsonClient("the service", HttpOptions(f"{metrics.url}/stats")))
    assert service.describe() == f"the service at {metrics.url}/stats"
    return [sample.value for points in service.ask(question, SPAN) for sample in points.samples]


@pytest.mark.parametrize(
    ("question", "expected"),
    [("requests.total", [12]), ("requests.failed", [3]), ("sum(pods[].n)", [3.5]), ("requests.lost", [])],
)
def test_numbers(metrics: Metrics, question: str, expected: list[float]) -> None:
    assert asked(metrics, question) == expected
    assert metrics.asked[0][:2] == ("GET", "/stats")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("ok", "it gives True, where one number is expected"),
        ("pods[].n", "it gives [1, 2.5], where one number is expected"),
        ("name", "it gives 'shop', which is no number"),
        ("requests.", "for expression"),
        ("sum(name)", "In function sum()"),
    ],
)
def test_what_is_no_number(metrics: Metrics, question: str, said: str) -> None:
    with pytest.raises(SourceError) as caught:
        asked(metrics, question)
    assert (caught.value.kind, said in str(caught.value)) == ("bad_query", True)


def test_the_library_is_missing(metrics: Metrics, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jmespath", None)
    with pytest.raises(SourceError) as caught:
        asked(metrics, "ok")
    assert "pip install jmespath" in str(caught.value)
