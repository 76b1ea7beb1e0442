# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Elasticsearch and OpenSearch: how many documents there are, or what an aggregation of them gives.

https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-search
https://docs.opensearch.org/latest/api-reference/search-apis/search/
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .http import JsonClient
from .service import Points, Span
from .source import Sample


@dataclass(frozen=True, slots=True)
class Elasticsearch:
    """Questions are query strings (`app:shop AND status:>=500`), whose documents are counted.

    A question that begins with a brace is the body of a search instead: a `query`, and in `aggs` one aggregation that
    gives one number.
    """

    client: JsonClient
    index: str
    time_field: str = "@timestamp"

    def ask(self, question: str, span: Span) -> Sequence[Points]:
        about = f"`{question}`"
        body = self._body(question, about)
        within = {"gte": round(span.start * 1000), "lte": round(span.end * 1000), "format": "epoch_millis"}
        span_filter = {"range": {self.time_field: within}}
        query = {"bool": {"filter": [span_filter, body.get("query", {"match_all": {}})]}}
        document = {**body, "size": 0, "track_total_hits": True, "query": query}
        answer = self.client.ask(f"/{self.index}/_search", document=document, about=about)
        with self.client.taking_apart(answer):
            failed = answer["_shards"]["failed"]
            if answer["timed_out"] or failed:
                raise self.client.partial(about, f"{failed} shards failed" if failed else "it timed out")
            value = self._aggregated(answer, about) if "aggs" in body else _total(answer)
            return [] if value is None else [Points({}, [Sample(span.end, value)])]

    def describe(self) -> str:
        return self.client.describe()

    def _body(self, question: str, about: str) -> Mapping[str, Any]:
        if not question.startswith("{"):
            return {"query": {"query_string": {"query": question}}}
        try:
            body: Mapping[str, Any] = json.loads(question)
        except ValueError as error:
            raise self.client.rejected(about, f"it begins with a brace but is no JSON ({error})") from error
        return body

    def _aggregated(self, answer: Mapping[str, Any], about: str) -> float | None:
        found = list(answer["aggregations"].values())
        if len(found) != 1:
            raise self.client.rejected(about, f"it has {len(found)} aggregations, where one is expected")
        values = list(found[0]["values"].values()) if "values" in found[0] else [found[0]["value"]]
        if len(values) != 1:
            raise self.client.rejected(about, f"it gives {len(values)} numbers, where one is expected")
        return None if values[0] is None else float(values[0])


def _total(answer: Mapping[str, Any]) -> float:
    total = answer["hits"]["total"]
    return float(total["value"] if isinstance(total, Mapping) else total)
