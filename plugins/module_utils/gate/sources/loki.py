# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Loki: log lines counted by LogQL. https://grafana.com/docs/loki/latest/reference/loki-http-api/"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from .http import JsonClient
from .service import Points, Span
from .source import Sample

# As Grafana has it, so that queries can be copied from a dashboard.
SPAN = "$__range"


@dataclass(frozen=True, slots=True)
class Loki:
    """Questions are LogQL over a range: `sum(count_over_time({app="shop"} |= "error" [$__range]))`."""

    client: JsonClient

    def ask(self, question: str, span: Span) -> Sequence[Points]:
        about = f"`{question}`"
        if SPAN not in question:
            raise self.client.rejected(about, f"it has no [{SPAN}], in whose place the gate says of which time")
        seconds = max(1, ceil(span.end - span.start))
        parameters = [("query", question.replace(SPAN, f"{seconds}s")), ("time", f"{span.end:.3f}")]
        answer = self.client.ask("/loki/api/v1/query", parameters, about=about)
        with self.client.taking_apart(answer):
            data = answer["data"]
            if data["resultType"] != "vector":
                raise self.client.rejected(
                    about, f"it gives {data['resultType']}, where a number is expected; wrap it in count_over_time()"
                )
            return [
                Points(
                    {str(name): str(text) for name, text in one["metric"].items()},
                    [Sample(span.end, float(one["value"][1]))],
                )
                for one in data["result"]
            ]

    def describe(self) -> str:
        return self.client.describe()
