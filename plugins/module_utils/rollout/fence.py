# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Nothing is written by a run that has lost the lock.

Each module of a rollout has a fence: the Lease is renewed beside the module's work, and before each write it is certain
that it was ours a moment ago, for longer than the write may take.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..clock import Clock
from ..cluster import LEASE, Cluster, ClusterError, Conflict
from .lease import DURATION, RENEWAL, Lease, stamp
from .names import Names

_TRIES = 5


class LockLost(ClusterError):
    """Another run has the lock now, so this one must not write."""


@dataclass(frozen=True, slots=True)
class Lock:
    """The lock that a run holds, as it is handed from task to task."""

    names: Names
    holder: str

    @classmethod
    def parse(cls, lock: Mapping[str, Any]) -> Lock:
        """Raises BadName."""
        names = Names.parse(lock["namespace"], lock["app"], lock.get("environment") or "")
        return cls(names, lock["holder"])

    def as_dict(self) -> dict[str, Any]:
        return {**self.names.as_dict(), "holder": self.holder}


class Fence:
    """`cluster` is a way to the API that has no fence itself."""

    def __init__(self, cluster: Cluster, lock: Lock, clock: Clock) -> None:
        self._cluster = cluster
        self._lock = lock
        self._clock = clock
        self._mutex = threading.Lock()
        self._renewed = float("-inf")
        self._lost = ""

    def keep(self) -> None:
        """Renew from now on, in a thread that ends with the process."""
        threading.Thread(target=self._keep, daemon=True, name="lease").start()

    def hold(self) -> None:
        """Comes back only while the lock is ours. Raises LockLost, or ClusterError where that could not be seen."""
        with self._mutex:
            if self._clock.monotonic() - self._renewed >= RENEWAL:
                self._renew()
            if self._lost:
                raise LockLost(self._lost)

    def _keep(self) -> None:
        while not self._lost:
            with suppress(ClusterError):  # whoever wants to write hears of it
                self.hold()
            self._clock.sleep(RENEWAL / 2)

    def _renew(self) -> None:
        """Sets `_lost`, or raises ClusterError when the API server does not answer for as long as the lock lasts."""
        names, began = self._lock.names, self._clock.monotonic()
        for _attempt in range(_TRIES):
            try:
                obj = self._cluster.find(LEASE, names.namespace, names.lease)
                lease = Lease.of(obj) if obj is not None else None
                if lease is None or lease.holder.identity != self._lock.holder:
                    self._lost = self._told(lease)
                    return
                patch = {
                    "metadata": {"resourceVersion": lease.version},
                    "spec": {"renewTime": stamp(self._clock.wall())},
                }
                self._cluster.patch(LEASE, names.namespace, names.lease, patch)
            except Conflict:
                continue
            except ClusterError:
                # Half of the time is left for the write itself.
                if began - self._renewed < DURATION / 2:
                    return
                raise
            self._renewed = began
            return
        raise ClusterError(f"Lease {names.namespace}/{names.lease} is written all the time. Find out by whom.")

    def _told(self, lease: Lease | None) -> str:
        where = f"Lease {self._lock.names.namespace}/{self._lock.names.lease}"
        now = "is gone" if lease is None else f"belongs to {lease.holder.describe() or 'nobody'}"
        return (
            f"This run ({self._lock.holder}) has lost the lock, so it writes nothing more: {where} {now}. "
            "Look at what the other run does before anything is typed again."
        )
