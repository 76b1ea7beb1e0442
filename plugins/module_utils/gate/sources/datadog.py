# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Datadog's metrics. Events are counted with `.as_count()`.

https://docs.datadoghq.com/api/latest/metrics/query-timeseries-points/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from .http import JsonClient
from .service import Points, Span
from .source import Sample


@dataclass(frozen=True, slots=True)
class Datadog:
    """Questions are Datadog's queries: `sum:trace.http.request.errors{service:shop,version:canary}.as_count()`."""

    client: JsonClient

    def ask(self, question: str, span: Span) -> Sequence[Points]:
        about = f"`{question}`"
        moments = [("from", str(floor(span.start))), ("to", str(ceil(span.end)))]
        answer = self.client.ask("/api/v1/query", [("query", question), *moments], about=about)
        with self.client.taking_apart(answer):
            if answer.get("status", "ok") != "ok":
                raise self.client.rejected(about, str(answer.get("error") or answer["status"]))
            return [
                Points(
                    dict(_tag(text) for text in one.get("tag_set") or ()),
                    [Sample(at / 1000, float(value)) for at, value in one["pointlist"] if value is not None],
                )
                for one in answer["series"]
            ]

    def describe(self) -> str:
        return self.client.describe()


def _tag(text: str) -> tuple[str, str]:
    name, _colon, value = text.partition(":")
    return name, value
