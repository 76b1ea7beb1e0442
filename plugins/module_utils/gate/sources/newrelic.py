# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""New Relic, asked in NRQL through NerdGraph.

https://docs.newrelic.com/docs/apis/nerdgraph/examples/nerdgraph-nrql-tutorial/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from .http import JsonClient, complaint
from .service import Points, Span
from .source import Sample

_GRAPHQL = "query($account: Int!, $nrql: Nrql!) { actor { account(id: $account) { nrql(query: $nrql) { results } } } }"
_TIMES = ("beginTimeSeconds", "endTimeSeconds", "inspectedCount")
_OWN_SPAN = re.compile(r"\b(since|until)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NewRelic:
    """Questions are NRQL without SINCE and UNTIL: `SELECT count(*) FROM Transaction WHERE error IS true`."""

    client: JsonClient
    account: int

    def ask(self, question: str, span: Span) -> Sequence[Points]:
        about = f"`{question}`"
        if _OWN_SPAN.search(question):
            raise self.client.rejected(about, "leave out SINCE and UNTIL, which the gate adds")
        nrql = f"{question} SINCE {floor(span.start * 1000)} UNTIL {ceil(span.end * 1000)}"
        document = {"query": _GRAPHQL, "variables": {"account": self.account, "nrql": nrql}}
        answer = self.client.ask("/graphql", document=document, about=about)
        with self.client.taking_apart(answer):
            if answer.get("errors"):
                raise self.client.rejected(about, complaint(answer["errors"]) or "no reason is given")
            rows = answer["data"]["actor"]["account"]["nrql"]["results"]
            return [points for row in rows for points in self._row(row, span.end, about)]

    def describe(self) -> str:
        return self.client.describe()

    def _row(self, row: Mapping[str, Any], now: float, about: str) -> list[Points]:
        numbers = _numbers({name: value for name, value in row.items() if name not in _TIMES})
        if len(numbers) > 1:
            raise self.client.rejected(about, f"it gives {', '.join(numbers)}, where one number is expected")
        labels = {name: value for name, value in row.items() if isinstance(value, str)}
        at = float(row.get("beginTimeSeconds", now))
        return [Points(labels, [Sample(at, value)]) for value in numbers.values()]


def _numbers(row: Mapping[str, Any]) -> dict[str, float]:
    """Those of a row; a percentile's are one level down."""
    found: dict[str, float] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{inner}": number for inner, number in _numbers(value).items()}
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found[name] = float(value)
    return found
