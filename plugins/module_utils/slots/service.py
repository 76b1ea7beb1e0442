# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Service as the switch: one label of its selector says which slot is live."""

from __future__ import annotations

from collections.abc import Mapping

from ..cluster import JSON_PATCH, SERVICE, Cluster, Obj
from ..labels import join_labels
from ..traffic.errors import TrafficError
from ..traffic.route import RouteSpec, RouteState, Settling, Step, step_patch
from ..traffic.split import Split
from ..traffic.weighted import kind_of
from ..traffic.writers import writers_of
from .notes import escape, note_changes
from .pods import Serving, endpoints_of, is_ready, lacks_port, pods_of
from .route import WHOLE, fetch, live_of, target_of
from .spec import SwitchSpec


class ServiceSlots:
    """A SlotRoute over a Service's selector."""

    def __init__(self, cluster: Cluster, switch: SwitchSpec, *, back: bool = False) -> None:
        kind_of(SERVICE, switch.route.api_version)
        self._cluster = cluster
        self.switch = switch
        self.back = back

    @property
    def spec(self) -> RouteSpec:
        return self.switch.route

    def read(self) -> RouteState:
        return self._state(fetch(self._cluster, SERVICE, self.switch))

    def plan(self, state: RouteState, split: Split) -> tuple[Step, ...]:
        slot, live = target_of(self.switch, split), live_of(state)
        if slot == live:
            return ()
        obj, value = state.objects[0], self.switch.values[slot]
        change: Obj = {"op": "replace", "path": f"/spec/selector/{escape(self.switch.label)}", "value": value}
        patch = step_patch(obj["metadata"]["resourceVersion"], (change, *note_changes(obj, live, back=self.back)))
        return (Step(SERVICE, self.spec.namespace, self.spec.name, patch, split.as_dict()),)

    def write(self, state: RouteState, step: Step, *, dry_run: bool) -> RouteState:  # noqa: ARG002 - the Protocol's
        obj = self._cluster.patch(
            step.kind, step.namespace, step.name, step.patch, content_type=JSON_PATCH, dry_run=dry_run
        )
        return self._state(obj)

    def observe(self) -> Settling:
        """Whether the EndpointSlices hold the live slot's ready pods, all of them and no other."""
        state = self.read()
        live = live_of(state)
        there = endpoints_of(self._cluster, self.spec.namespace, self.spec.name)
        pods = {pod["metadata"]["name"] for pod in self._pods(state, live)}
        ready = {pod["metadata"]["name"] for pod in self.serving(state, live).ready}
        strangers = [name for name, serves in there.items() if serves and name not in pods]
        lacking = [name for name in ready if not there.get(name)]
        if strangers:
            return Settling("waiting", f"{self.spec.describe()} still has {len(strangers)} endpoints outside of {live}")
        if lacking or not ready:
            found = f"{len(ready) - len(lacking)} of {len(ready)} ready pods of {live} as endpoints"
            return Settling("waiting", f"{self.spec.describe()} has {found}")
        return Settling("settled")

    def serving(self, state: RouteState, slot: str) -> Serving:
        pods = self._pods(state, slot)
        portless = {pod["metadata"]["name"]: lacks_port(state.objects[0], pod) for pod in pods}
        ready = tuple(pod for pod in pods if is_ready(pod) and not portless[pod["metadata"]["name"]])
        missing = next(filter(None, portless.values()), "")
        why = f"they have no port named '{missing}', which the Service asks for" if missing else ""
        return Serving(slot, ready, len(pods), why)

    def selectors(self, state: RouteState) -> Mapping[str, tuple[str, Mapping[str, str]]]:
        return {slot: (self.spec.namespace, self.selector(state, slot)) for slot in self.switch.names}

    def selector(self, state: RouteState, slot: str) -> dict[str, str]:
        """What the Service selects when the slot is live."""
        return {**state.objects[0]["spec"]["selector"], self.switch.label: self.switch.values[slot]}

    def _pods(self, state: RouteState, slot: str) -> list[Obj]:
        return pods_of(self._cluster, self.spec.namespace, self.selector(state, slot))

    def _state(self, obj: Obj) -> RouteState:
        live = self._live(obj["spec"].get("selector") or {})
        shares = {name: WHOLE if name == live else 0 for name in self.switch.names}
        return RouteState(shares, Split(tuple(shares.items())), (obj,), writers_of((obj,)), shares)

    def _live(self, selector: Mapping[str, str]) -> str:
        value = selector.get(self.switch.label, "")
        for slot, meant in self.switch.values.items():
            if meant == value:
                return slot
        values = " and ".join(f"{self.switch.label}={meant}" for meant in self.switch.values.values())
        raise TrafficError(
            "unknown_slot",
            f"Service '{self.spec.name}' in namespace '{self.spec.namespace}' selects "
            f"{join_labels(selector) or 'nothing'}, which is no slot: switch.slots has {values}. Correct switch.label "
            "or the slots' values, or add the label of the slot that is live to its selector.",
        )
