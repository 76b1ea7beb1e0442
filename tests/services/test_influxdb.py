# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""InfluxDB 1: what was written within the span is counted, field by field."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.clock import SystemClock
from ansible_collections.slipway.rollout.plugins.module_utils.gate.increments import Increments
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Verbatim
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.influxdb import InfluxDB
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.service import ServiceSource, Span
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import SourceError
from ansible_collections.slipway.rollout.plugins.module_utils.gate.workers import Workers

from tests.services.servers import running

NOW = float(int(time.time()))
SPAN = Span(NOW - 60, NOW)
POINTS = ((70, "a", 100), (50, "a", 3), (40, "a", 4), (30, "b", 5))  # seconds ago, pod, errors


@pytest.fixture(scope="module")
def service(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxDB]:
    with running("influxdb", root, tmp_path_factory.mktemp("influxdb")) as url:
        lines = [f"requests,pod={pod} errors={errors} {int(NOW - ago)}" for ago, pod, errors in POINTS]
        for path, body in (
            (f"/query?{urlencode({'q': 'CREATE DATABASE shop'})}", ""),
            ("/write?db=shop&precision=s", "\n".join(lines)),
        ):
            urllib.request.urlopen(urllib.request.Request(url + path, body.encode(), method="POST"), timeout=5).close()
        yield InfluxDB(JsonClient("InfluxDB", HttpOptions(url)), "shop")


def values(service: InfluxDB, question: str, span: Span = SPAN) -> dict[str, list[float]]:
    return {
        points.labels.get("pod", ""): [sample.value for sample in points.samples if span.start <= sample.at <= span.end]
        for points in service.ask(question, span)
    }


def test_a_sum_of_the_span(service: InfluxDB) -> None:
    assert values(service, "SELECT sum(errors) FROM requests WHERE $timeFilter") == {"": [12]}
    assert values(service, "SELECT sum(errors) FROM requests WHERE $timeFilter GROUP BY pod") == {"a": [7], "b": [5]}
    assert values(service, "SELECT errors FROM requests WHERE pod = 'a' AND $timeFilter") == {"": [3, 4]}


def test_a_gate_counts_what_is_written_while_it_runs(service: InfluxDB) -> None:
    source, counted = ServiceSource(service, SystemClock(), Workers(2), 5.0), Increments()
    question = Verbatim("SELECT sum(errors) FROM requests WHERE $timeFilter GROUP BY pod")
    counted.add(source.read([question]))
    gains: dict[str, float] = {}
    for pod, errors in (("a", 2), ("c", 3), ("a", 1)):
        body = f"requests,pod={pod} errors={errors} {time.time_ns()}".encode()
        address = f"{service.client.address}/write?db=shop"
        urllib.request.urlopen(urllib.request.Request(address, body, method="POST"), timeout=5).close()
        time.sleep(0.01)
        for gain in counted.add(source.read([question])):
            gains[gain.series.labels["pod"]] = gains.get(gain.series.labels["pod"], 0.0) + gain.amount
    assert gains == {"a": 3, "c": 3}


def test_nothing_is_no_data(service: InfluxDB) -> None:
    assert service.ask("SELECT sum(errors) FROM nowhere WHERE $timeFilter", SPAN) == []
    assert service.ask("SELECT sum(errors) FROM requests WHERE $timeFilter", Span(NOW - 5, NOW)) == []


@pytest.mark.parametrize(
    "question", ["SELECT sun(errors) FROM requests WHERE $timeFilter", "SELEC errors FROM requests WHERE $timeFilter"]
)
def test_a_mistake_is_told(service: InfluxDB, question: str) -> None:
    with pytest.raises(SourceError) as caught:
        service.ask(question, SPAN)
    assert caught.value.kind == "bad_query"


def test_a_database_that_is_not_there(service: InfluxDB) -> None:
    with pytest.raises(SourceError, match="database not found"):
        InfluxDB(service.client, "none").ask("SELECT errors FROM requests WHERE $timeFilter", SPAN)
