# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was counted with which labels: kept in sums, so that a gate that fails can say what carries the failures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .check import Events

# Labels that tell something of a request, by the name that people know them by.
NAMES: Mapping[str, str] = {
    "path": "path", "route": "path", "uri": "path", "handler": "path", "url": "path", "operation": "path",
    "grpc_method": "path", "request_path": "path", "http_route": "path",
    "method": "method", "http_request_method": "method",
    "status": "status", "status_code": "status", "code": "status", "response_code": "status",
    "http_response_status_code": "status", "grpc_code": "status", "grpc_response_status": "status",
    "envoy_response_code": "status",
}  # fmt: skip
# Values of a label that are kept; a label with more of them than that names requests, not kinds of them.
MOST = 100

Counts = dict[str, Events]


@dataclass(slots=True)
class Tally:
    """Events by label and value. `full` are labels that have more values than are kept."""

    labels: dict[str, Counts] = field(default_factory=dict)
    full: set[str] = field(default_factory=set)

    def add(self, found: Iterable[tuple[Mapping[str, str], Events]]) -> None:
        for labels, events in found:
            for label, name in NAMES.items():
                value = labels.get(label)
                if value and name not in self.full:
                    self._count(name, value, events)

    def _count(self, name: str, value: str, events: Events) -> None:
        counts = self.labels.setdefault(name, {})
        before = counts.get(value, Events(0.0, 0.0))
        counts[value] = Events(before.bad + events.bad, before.total + events.total)
        if len(counts) > MOST:
            self.full.add(name)
            del self.labels[name]
