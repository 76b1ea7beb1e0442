# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each service with an answer in the shape of its public documentation, for tests that every one of them passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.datadog import Datadog
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.document import Document
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.dynatrace import Dynatrace
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.elasticsearch import Elasticsearch
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.graphite import Graphite
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.influxdb import InfluxDB
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.loki import Loki
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.newrelic import NewRelic
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.service import Service, Span

SPAN = Span(1_700_000_000.25, 1_700_000_060.5)
MINUTE = 1_700_000_040  # a moment within the span


@dataclass(frozen=True)
class Kind:
    """How a service is made of a client, a question it understands, and what it says of 7 events, and of none."""

    name: str
    made: Callable[[JsonClient], Service]
    question: str
    seven: Any
    nothing: Any
    mistake: Any = None

    def service(self, url: str, **options: Any) -> Service:
        return self.made(JsonClient(self.name, HttpOptions(url, **{"timeout": 0.3, **options})))


def dynatrace(*data: Any) -> dict[str, Any]:
    return {"totalCount": 1, "nextPageKey": None, "resolution": "1m", "result": [{"metricId": "m", "data": list(data)}]}


def elastic(total: int, **more: Any) -> dict[str, Any]:
    shards = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
    hits = {"total": {"value": total, "relation": "eq"}, "max_score": None, "hits": []}
    return {"took": 1, "timed_out": False, "_shards": shards, "hits": hits, **more}


def influx(*series: Any) -> dict[str, Any]:
    return {"results": [{"statement_id": 0, **({"series": list(series)} if series else {})}]}


def loki(*result: Any, kind: str = "vector") -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": kind, "result": list(result), "stats": {}}}


def newrelic(*results: Any) -> dict[str, Any]:
    return {"data": {"actor": {"account": {"nrql": {"results": list(results)}}}}}


def datadog(*series: Any) -> dict[str, Any]:
    return {"status": "ok", "res_type": "time_series", "series": list(series), "message": "", "group_by": []}


POINTLIST = [[(MINUTE - 20) * 1000, 3.0], [(MINUTE - 10) * 1000, None], [MINUTE * 1000, 4.0]]

KINDS = (
    Kind(
        "Datadog",
        Datadog,
        "sum:errors{version:canary}.as_count()",
        datadog({"metric": "errors", "scope": "version:canary", "tag_set": [], "pointlist": POINTLIST}),
        datadog(),
        {"status": "error", "error": "no such function", "series": []},
    ),
    Kind(
        "Dynatrace",
        Dynatrace,
        "errors:sum",
        dynatrace({"dimensionMap": {}, "timestamps": [MINUTE * 1000, (MINUTE + 60) * 1000], "values": [None, 7]}),
        dynatrace(),
    ),
    Kind("Elasticsearch", lambda client: Elasticsearch(client, "logs-*"), "status:>=500", elastic(7), None),
    Kind(
        "Graphite",
        Graphite,
        "sumSeries(errors.*)",
        [{"target": "errors", "tags": {}, "datapoints": [[3.0, MINUTE], [None, MINUTE + 5], [4, MINUTE + 9]]}],
        [],
    ),
    Kind(
        "InfluxDB",
        lambda client: InfluxDB(client, "shop"),
        "SELECT sum(errors) FROM requests WHERE $timeFilter",
        influx({"name": "requests", "columns": ["time", "sum"], "values": [[1_700_000_000_250, 7]]}),
        influx(),
        {"results": [{"statement_id": 0, "error": "undefined function sun()"}]},
    ),
    Kind(
        "Loki",
        Loki,
        'sum(count_over_time({app="shop"} |= "error" [$__range]))',
        loki({"metric": {}, "value": [MINUTE, "7"]}),
        loki(),
        loki(kind="streams"),
    ),
    Kind(
        "New Relic",
        lambda client: NewRelic(client, 42),
        "SELECT count(*) FROM Transaction WHERE error IS true",
        newrelic({"count": 7}),
        newrelic(),
        {"errors": [{"message": "NRQL Syntax Error: Error at line 1"}], "data": None},
    ),
    Kind("the service", Document, "requests.failed", {"requests": {"failed": 7}}, {"requests": {}}),
)  # fmt: skip
