# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When to look again: as soon as something changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Protocol

from ..clock import Clock
from ..cluster import POD, Cluster, ClusterError, Event, Obj
from ..labels import join_labels, match_labels
from .kinds import workload_of

_TOGETHER = 0.15  # changes come in bursts; one look for each burst
_AGAIN = 1.0  # before a watch that ended is started anew


class Changes(Protocol):
    """A source of reasons to look again."""

    def wait(self, seconds: float) -> None:
        """Return when something has changed since the last call, and after `seconds` at the latest."""


class Watches:
    """Watches a workload and its pods in two threads that end with the process, or when `stop` is called."""

    def __init__(self, cluster: Cluster, workload: Obj, clock: Clock) -> None:
        self._clock = clock
        self._changed = threading.Event()
        self._stopped = threading.Event()
        metadata, kind = workload["metadata"], workload_of(workload).kind
        namespace, name = metadata["namespace"], metadata["name"]
        self._start(lambda: cluster.watch(kind, namespace, fields=f"metadata.name={name}", timeout=60.0))
        labels = join_labels(match_labels(workload))
        self._start(lambda: cluster.watch(POD, namespace, labels=labels, timeout=60.0))

    def wait(self, seconds: float) -> None:
        if self._changed.wait(max(0.0, seconds)):
            self._clock.sleep(min(_TOGETHER, seconds))
            self._changed.clear()

    def stop(self) -> None:
        self._stopped.set()

    def _start(self, watch: Callable[[], Iterable[Event]]) -> None:
        threading.Thread(target=self._follow, args=(watch,), daemon=True).start()

    def _follow(self, watch: Callable[[], Iterable[Event]]) -> None:
        while not self._stopped.is_set():
            try:
                for _event in watch():
                    self._changed.set()
                    if self._stopped.is_set():
                        return
            except ClusterError:
                pass  # whoever waits looks anyway from time to time, and reports what is wrong
            self._stopped.wait(_AGAIN)
