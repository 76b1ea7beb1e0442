# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Events: when they were, and which of them are about the template that is rolled out now."""

from __future__ import annotations

from collections.abc import Sequence

from ..cluster import Obj


def newest_first(events: Sequence[Obj]) -> list[Obj]:
    return sorted(events, key=time_of, reverse=True)


def time_of(event: Obj) -> str:
    """When it was last so. Times of the API sort as texts."""
    series = event.get("series") or {}
    return str(series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime") or "")


def written_at(obj: Obj) -> str:
    """When somebody last wrote what is wanted of an object, by the server's clock; "" where it does not say."""
    fields = obj["metadata"].get("managedFields") or []
    return max((str(one.get("time", "")) for one in fields if one.get("subresource") != "status"), default="")


def since_written(obj: Obj, events: Sequence[Obj]) -> list[Obj]:
    """The newest first, without those of before the last write. Both times are of whole seconds."""
    since = written_at(obj)
    return [event for event in newest_first(events) if time_of(event)[:19] >= since[:19]]
