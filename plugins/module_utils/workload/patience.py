# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a cause may stand: as each is, unless somebody wants to know sooner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from statistics import median

from ..cluster import Obj
from .cause import Cause
from .snapshot import is_ready

_TIMES = 3  # as long as pods of the former template took to become ready may a new one take


@dataclass(slots=True)
class Patience:
    """No certain cause stands longer than `limit` seconds, if there is a limit.

    What is seen of a probe may still go away by itself. Then what the former pods took says how long that may be.
    """

    limit: float | None = None
    _usual: float | None = None

    def learn(self, former: Sequence[Obj]) -> None:
        """From the pods of the former template that are ready."""
        took = [seconds for pod in former if is_ready(pod) and (seconds := _took(pod)) is not None]
        if took and self._usual is None:
            self._usual = median(took)

    def apply(self, causes: Sequence[Cause]) -> list[Cause]:
        return [replace(cause, patience=self._of(cause)) for cause in causes]

    def _of(self, cause: Cause) -> float:
        if self.limit is None:
            return cause.patience
        if cause.kind == "probe" and self._usual is not None:
            return min(cause.patience, max(self.limit, _TIMES * self._usual))
        return cause.patience if cause.patience == inf else min(cause.patience, self.limit)


def _took(pod: Obj) -> float | None:
    """Seconds from the start of its last container until it was ready."""
    status = pod.get("status") or {}
    started = [
        (one.get("state") or {}).get("running", {}).get("startedAt") for one in status.get("containerStatuses") or []
    ]
    ready = [one.get("lastTransitionTime") for one in status.get("conditions") or [] if one.get("type") == "Ready"]
    moments = [moment for moment in started if moment]
    if not moments or not ready or not ready[0]:
        return None
    return max(0.0, _seconds(ready[0]) - _seconds(max(moments)))


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()
