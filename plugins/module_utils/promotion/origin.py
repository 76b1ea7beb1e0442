# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What serves in an environment where a release has to have been proven."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..cluster import Cluster
from ..rollout.ledger import Book
from ..rollout.names import Names
from ..slots.kinds import open_switch
from ..slots.route import live_of
from ..slots.spec import SwitchSpec

BLUE_GREEN = "blue_green"


@dataclass(frozen=True, slots=True)
class Origin:
    """The workload that serves; where it was released by blue-green, whichever slot the switch says."""

    names: Names
    kind: str
    workload: str
    container: str = ""
    switch: SwitchSpec | None = None

    @property
    def place(self) -> str:
        return self.names.environment or self.names.namespace


def found(cluster: Cluster, origin: Origin, book: Book) -> Origin:
    """The same with the Deployment of the live slot. Raises TrafficError, ClusterError."""
    last = book.last_released
    if origin.switch is None or last is None or last.strategy != BLUE_GREEN:
        return origin
    live = live_of(open_switch(cluster, origin.switch).read())
    serving = (one.deployment for one in origin.switch.route.backends if one.name == live)
    return replace(origin, kind="Deployment", workload=next(serving, "") or origin.workload)
