# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A switch is a route with two backends, of which one has everything: so all that moves splits can move it too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ..cluster import Cluster, Kind, NotFound, Obj
from ..traffic.errors import TrafficError
from ..traffic.route import Route, RouteState
from ..traffic.split import Split
from .pods import Serving
from .spec import SwitchSpec

WHOLE = 100
_SHOWN = 5


class SlotRoute(Route, Protocol):
    """A Route that knows its slots. With `back` the way that it writes is one back to where users came from."""

    @property
    def switch(self) -> SwitchSpec: ...

    @property
    def back(self) -> bool: ...

    def serving(self, state: RouteState, slot: str) -> Serving:
        """Who would take users in that slot, whether or not it is live. Raises ClusterError, TrafficError."""

    def selectors(self, state: RouteState) -> Mapping[str, tuple[str, Mapping[str, str]]]:
        """The pods of each slot: namespace and labels. Raises ClusterError, TrafficError."""


def whole(switch: SwitchSpec, slot: str) -> Split:
    """Everybody on one slot."""
    return Split(tuple((name, WHOLE if name == slot else 0) for name in switch.names))


def live_of(state: RouteState) -> str:
    """The slot that has all users, "" while they are split."""
    return next((name for name, weight in state.split if weight == WHOLE), "")


def target_of(switch: SwitchSpec, split: Split) -> str:
    """The slot that a split means. Raises TrafficError `bad_switch` for a real split, which this cannot be."""
    slot = next((name for name, weight in split if weight == WHOLE), "")
    if not slot:
        raise TrafficError(
            "bad_switch", f"{switch.describe()} can be switched from slot to slot, not split: {split.describe()}."
        )
    return slot


def fetch(cluster: Cluster, kind: Kind, switch: SwitchSpec) -> Obj:
    """The object that is the switch. Raises TrafficError `no_switch`, ClusterError."""
    namespace, name = switch.route.namespace, switch.route.name
    try:
        return cluster.get(kind, namespace, name)
    except NotFound as error:
        raise TrafficError("no_switch", _missing(cluster, kind, namespace, name)) from error


def _missing(cluster: Cluster, kind: Kind, namespace: str, name: str) -> str:
    try:
        there = sorted(obj["metadata"]["name"] for obj in cluster.list(kind, namespace))
    except NotFound:
        return (
            f"This cluster does not serve {kind.kind} as {kind.api_version}. Set switch.api_version to a version that "
            "`kubectl api-versions` lists, or choose another switch.kind."
        )
    others = f" There are: {', '.join(there[:_SHOWN])}{', …' if len(there) > _SHOWN else ''}." if there else ""
    return (
        f"There is no {kind.kind} '{name}' in namespace '{namespace}'.{others} Correct switch.name or switch.namespace."
    )
