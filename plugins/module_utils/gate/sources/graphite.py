# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Graphite's render API. https://graphite.readthedocs.io/en/stable/render_api.html"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from .http import JsonClient
from .service import Points, Span
from .source import Sample


@dataclass(frozen=True, slots=True)
class Graphite:
    """Questions are targets: `sumSeries(stats_counts.shop.canary.*.errors)`, whose points are counts."""

    client: JsonClient

    def ask(self, question: str, span: Span) -> Sequence[Points]:
        moments = [("from", str(floor(span.start))), ("until", str(ceil(span.end)))]
        parameters = [("target", question), *moments, ("format", "json")]
        answer = self.client.ask("/render", parameters, about=f"`{question}`")
        with self.client.taking_apart(answer):
            return [
                Points(
                    {"target": str(one["target"]), **{str(tag): str(text) for tag, text in _tags(one).items()}},
                    [Sample(float(at), float(value)) for value, at in one["datapoints"] if value is not None],
                )
                for one in answer
            ]

    def describe(self) -> str:
        return self.client.describe()


def _tags(one: dict[str, object]) -> dict[str, object]:
    tags = one.get("tags")
    return tags if isinstance(tags, dict) else {}
