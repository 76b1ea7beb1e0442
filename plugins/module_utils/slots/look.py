# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is in the cluster before a blue-green release, read once, with a problem for all that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..cluster import DEPLOYMENT, HPA, PDB, SERVICE, Cluster, ClusterError, Forbidden, Kind, NotFound, Obj
from ..preflight.problem import Problem, one_of
from ..preflight.view import View
from ..traffic.errors import TrafficError
from ..traffic.route import RouteState
from .kinds import open_switch
from .pods import Serving
from .route import SlotRoute, live_of
from .spec import SwitchSpec


@dataclass(slots=True)
class SlotView:
    """`slot_live` and `slot_idle` are "" where that is not certain; `view` has their Deployments."""

    switch: SwitchSpec
    route: SlotRoute | None = None
    state: RouteState | None = None
    slot_live: str = ""
    slot_idle: str = ""
    serving: Serving | None = None  # of the live slot
    view: View = field(default_factory=View)
    selectors: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    services: list[Obj] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def deployment_name(self, slot: str) -> str:
        return next((one.deployment for one in self.switch.route.backends if one.name == slot), "")

    def deployment(self, slot: str) -> Obj | None:
        return self.view.stable if slot == self.slot_live else self.view.canary


def look(cluster: Cluster, switch: SwitchSpec) -> SlotView:
    """Never raises for what concerns a single object; raises ClusterError when the API server does not answer."""
    seen = SlotView(switch)
    for slot in switch.names:
        if not seen.deployment_name(slot):
            seen.problems.append(
                Problem(f"switch.slots.{slot}", "no Deployment is named", "deployment: NAME", "name the slot's own")
            )
    _read_switch(cluster, seen)
    if seen.problems:
        return seen
    seen.view.stable = _deployment(cluster, seen, seen.slot_live)
    seen.view.canary = _deployment(cluster, seen, seen.slot_idle)
    namespace = switch.route.namespace
    seen.view.autoscalers = _list(cluster, HPA, namespace)
    seen.view.budgets = _list(cluster, PDB, namespace)
    seen.services = _list(cluster, SERVICE, namespace)
    return seen


def _read_switch(cluster: Cluster, seen: SlotView) -> None:
    try:
        route = open_switch(cluster, seen.switch)
        state = route.read()
        seen.route, seen.state = route, state
        seen.selectors = route.selectors(state)
        live = live_of(state)
        if live:
            seen.serving = route.serving(state, live)
    except TrafficError as error:
        seen.problems.append(Problem("switch", str(error)))
        return
    except Forbidden as error:
        seen.problems.append(Problem("permissions", f"the switch cannot be read: {error}"))
        return
    except ClusterError as error:
        seen.problems.append(Problem("switch", f"{seen.switch.describe()} could not be read: {error}"))
        return
    if not live:
        found = f"{seen.switch.describe()} is split: {state.split.describe()}"
        remedy = "let the rollout that has split it come to its end"
        seen.problems.append(Problem("switch", found, "all users on one slot", remedy))
        return
    seen.slot_live, seen.slot_idle = live, seen.switch.other(live)


def _deployment(cluster: Cluster, seen: SlotView, slot: str) -> Obj | None:
    namespace, name = seen.switch.route.namespace, seen.deployment_name(slot)
    try:
        return cluster.get(DEPLOYMENT, namespace, name)
    except NotFound:
        there = [obj["metadata"]["name"] for obj in _list(cluster, DEPLOYMENT, namespace)]
        remedy = "correct the name"
        if slot == seen.slot_idle:
            remedy += f", or make it: a copy of {seen.deployment_name(seen.slot_live)} with labels of its own"
        found = f"there is no Deployment '{name}' in namespace '{namespace}'"
        seen.problems.append(Problem(f"switch.slots.{slot}.deployment", found, one_of(name, there), remedy))
    except Forbidden:
        pass  # told once, with all other permissions
    return None


def _list(cluster: Cluster, kind: Kind, namespace: str) -> list[Obj]:
    try:
        return cluster.list(kind, namespace)
    except (Forbidden, NotFound):
        return []
