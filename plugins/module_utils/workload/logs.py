# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The last lines that a container wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ..cluster import POD, Cluster, ClusterError
from .cause import Cause

_LONGEST_LINE = 500


@dataclass(frozen=True, slots=True)
class Log:
    """Whose lines they are; `previous` when it is the life before the present one."""

    pod: str
    container: str
    previous: bool
    lines: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        if not self.pod:
            return {}
        return {
            "pod": self.pod,
            "container": self.container,
            "previous": self.previous,
            "lines": list(self.lines),
        }


def no_log() -> Log:
    return Log("", "", False, ())


def read_log(cluster: Cluster, namespace: str, causes: Sequence[Cause], lines: int) -> Log:
    """The log that belongs to the first cause that has one. No log is no error: it only explains."""
    cause = next((cause for cause in causes if cause.logs), None)
    if cause is None or lines <= 0:
        return no_log()
    # Whether a life is over by the time of asking is a race, so the other one is asked for second.
    for previous in (cause.logs == "previous", cause.logs != "previous"):
        query = {"container": cause.container, "tailLines": str(lines), "limitBytes": str(lines * 4 * _LONGEST_LINE)}
        if previous:
            query["previous"] = "true"
        try:
            text = cluster.raw(f"{POD.path(namespace, cause.pod, 'log')}?{urlencode(query)}").decode("utf-8", "replace")
        except ClusterError:
            continue
        told = tuple(line[:_LONGEST_LINE] for line in text.splitlines()[-lines:])
        if told:
            return Log(cause.pod, cause.container, previous, told)
    return no_log()
