# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""InfluxDB, asked in InfluxQL, which versions 1, 2 (with a mapping of database to bucket) and 3 all answer.

https://docs.influxdata.com/influxdb/v1/tools/api/#query-http-endpoint
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from .http import JsonClient
from .service import Points, Span
from .source import Sample

# As Grafana has it, so that queries can be copied from a dashboard.
SPAN = "$timeFilter"


@dataclass(frozen=True, slots=True)
class InfluxDB:
    """Questions select one field: `SELECT sum(errors) FROM requests WHERE version = 'canary' AND $timeFilter`."""

    client: JsonClient
    database: str

    def ask(self, question: str, span: Span) -> Sequence[Points]:
        about = f"`{question}`"
        if SPAN not in question:
            raise self.client.rejected(about, f"it has no {SPAN}, in whose place the gate says of which time")
        # An aggregate without GROUP BY time is dated at the beginning of its span.
        within = f"time >= {ceil(span.start * 1000)}ms AND time <= {floor(span.end * 1000)}ms"
        parameters = [("db", self.database), ("epoch", "ms"), ("q", question.replace(SPAN, f"({within})"))]
        answer = self.client.ask("/query", parameters, about=about)
        with self.client.taking_apart(answer):
            (result,) = answer["results"]
            if "error" in result:
                raise self.client.rejected(about, str(result["error"]))
            return [self._points(series, about) for series in result.get("series") or ()]

    def describe(self) -> str:
        return self.client.describe()

    def _points(self, series: Mapping[str, Any], about: str) -> Points:
        _time, *fields = series["columns"]
        if len(fields) != 1:
            raise self.client.rejected(about, f"it gives {', '.join(fields)}, where one field is expected")
        samples = [Sample(at / 1000, float(value)) for at, value in series["values"] if value is not None]
        return Points({str(tag): str(text) for tag, text in (series.get("tags") or {}).items()}, samples)
