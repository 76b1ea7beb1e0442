# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who wrote an object, read from its managedFields, so that a refusal can name them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..cluster import Obj

_AGO = 3600.0  # older than this, a time of day says more than an age


@dataclass(frozen=True, slots=True)
class Writer:
    """One entry of managedFields: who (`manager`), through what, when (RFC 3339, whole seconds).

    Which fields is left out: an entry also changes when somebody else takes fields over.
    """

    manager: str
    operation: str
    subresource: str
    time: str

    def describe(self, now: float) -> str:
        """`kubectl-edit 3 s ago`, or the time itself when it is long ago; `now` is seconds since the epoch."""
        name = f"{self.manager} ({self.subresource})" if self.subresource else self.manager
        written = _seconds(self.time)
        if written is None:
            return name
        age = max(0.0, now - written)
        return f"{name} {age:.0f} s ago" if age < _AGO else f"{name} at {self.time}"

    def as_dict(self) -> dict[str, str]:
        pairs = {"manager": self.manager, "operation": self.operation, "time": self.time}
        return pairs | ({"subresource": self.subresource} if self.subresource else {})


def writers_of(objects: Iterable[Obj]) -> tuple[Writer, ...]:
    """Everybody who wrote more than a status, latest first."""
    entries = [entry for obj in objects for entry in obj.get("metadata", {}).get("managedFields") or []]
    writers = {_writer(entry) for entry in entries if entry.get("subresource") != "status"}
    return tuple(sorted(writers, key=lambda writer: (writer.time, writer.manager), reverse=True))


def since(before: Sequence[Writer], after: Sequence[Writer]) -> tuple[Writer, ...]:
    """Who wrote between two readings; where the times are too coarse to tell, the latest writer."""
    return tuple(writer for writer in after if writer not in before) or tuple(after[:1])


def describe_all(writers: Sequence[Writer], now: float) -> str:
    return ", ".join(writer.describe(now) for writer in writers) or "an unnamed writer"


def _writer(entry: Obj) -> Writer:
    def text(key: str) -> str:
        value: Any = entry.get(key)
        return value if isinstance(value, str) else ""

    return Writer(text("manager"), text("operation"), text("subresource"), text("time"))


def _seconds(time: str) -> float | None:
    try:
        return datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return None
