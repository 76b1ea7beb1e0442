# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Dynatrace's metrics. https://docs.dynatrace.com/docs/dynatrace-api/environment-api/metric-v2/get-data-points"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .http import JsonClient
from .service import Points, Span
from .source import Sample

# A point is dated at the end of its minute, which may have begun before the span.
RESOLUTION = 60.0


@dataclass(frozen=True, slots=True)
class Dynatrace:
    """Questions are metric selectors: `builtin:service.errors.server.count:filter(eq("version","canary")):sum`."""

    client: JsonClient

    def ask(self, question: str, span: Span) -> Sequence[Points]:
        about = f"`{question}`"
        moments = [("from", str(round(span.start * 1000))), ("to", str(round(span.end * 1000)))]
        parameters = [("metricSelector", question), *moments, ("resolution", "1m")]
        answer = self.client.ask("/api/v2/metrics/query", parameters, about=about)
        with self.client.taking_apart(answer):
            if answer.get("nextPageKey"):
                raise self.client.rejected(about, "it gives more series than fit a page; add :splitBy()")
            return [
                Points(
                    {str(name): str(text) for name, text in (one.get("dimensionMap") or {}).items()},
                    [
                        Sample(at / 1000 - RESOLUTION, float(value))
                        for at, value in zip(one["timestamps"], one["values"], strict=True)
                        if value is not None
                    ],
                )
                for metric in answer["result"]
                for one in metric["data"]
            ]

    def describe(self) -> str:
        return self.client.describe()
