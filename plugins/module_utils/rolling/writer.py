# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that is written to a workload that rolls: each write a compare-and-swap, and none over somebody else's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..clock import Clock
from ..cluster import (
    JSON_PATCH,
    STRATEGIC_PATCH,
    ApiError,
    Cluster,
    ClusterError,
    Conflict,
    Forbidden,
    NotFound,
    Obj,
    ServerError,
)
from ..workload.kinds import WORKLOADS
from ..workload.snapshot import template
from .former import (
    FORMER_IMAGE,
    FORMER_RELEASE,
    FORMER_REVISION,
    FORMER_TEMPLATE,
    PINNED,
    RELEASE,
    STOPPED,
    TEMPLATE,
    Former,
    digest,
)
from .pace import stop_fields

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0
Change = Mapping[str, Any]


class Foreign(ClusterError):
    """Somebody else has changed the template meanwhile; nothing was written over it."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What is rolled out: `image` by digest in `container`, and the fields of the spec that make the pace.

    `template` is what else changes in the pod template, as a strategic merge patch.
    """

    container: str
    image: str
    release: str
    pace: Mapping[str, Any]
    template: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """The object before and after."""

    before: Obj
    after: Obj

    @property
    def changed(self) -> bool:
        return bool(self.before["metadata"]["resourceVersion"] != self.after["metadata"]["resourceVersion"])


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes to one workload. `patience` (seconds) is how long a write that has to be made is tried again."""

    cluster: Cluster
    kind: str
    namespace: str
    name: str
    clock: Clock
    patience: float = 30.0

    def read(self) -> Obj:
        found = self.cluster.get(WORKLOADS[self.kind].kind, self.namespace, self.name)
        return {"kind": self.kind, **found}

    def roll(self, goal: Goal, former: Former, *, dry_run: bool = False) -> Written:
        """Give it the release. Raises Foreign, ClusterError."""

        def change(obj: Obj) -> Change:
            self._mine(obj, former, "so the release was not given to it")
            wanted = self.filled(obj, goal)
            if digest(wanted) == digest(template(obj)):
                return {"spec": goal.pace}
            notes = _notes(goal, former) | {TEMPLATE: digest(wanted)}
            return {"template": wanted, "notes": notes, "spec": goal.pace}

        return self._swap(change, insist=False, dry_run=dry_run)

    def stop(self, former: Former, why: str) -> Written:
        """No pod more gets the release. Raises Foreign, ClusterError."""

        def change(obj: Obj) -> Change:
            if digest(template(obj)) == former.digest:
                return {}
            self._mine(obj, former, "so it was not stopped")
            return {"notes": {STOPPED: why[:500]}, "spec": stop_fields(obj)}

        return self._swap(change, insist=True)

    def restore(self, former: Former, wanted: Obj) -> Written:
        """Put the template `wanted` back, and the pace with it. Raises Foreign, ClusterError."""

        def change(obj: Obj) -> Change:
            self._mine(obj, former, "so what was there before was not put back")
            spec = dict(former.pace) or _going(obj)
            if self.kind == "Deployment":
                spec["paused"] = None
            return {"template": wanted, "notes": dict(former.notes), "spec": spec}

        return self._swap(change, insist=True)

    def forget_stop(self) -> Written:
        """All is as it was. Raises ClusterError."""
        return self._swap(lambda _obj: {"notes": {STOPPED: None}}, insist=True)

    def filled(self, obj: Obj, goal: Goal) -> Obj:
        """The template as the API server makes it of the patch, with all that it fills in."""
        spec = dict(goal.template.get("spec") or {})
        named = [one for one in spec.get("containers") or [] if one.get("name") == goal.container]
        others = [one for one in spec.get("containers") or [] if one.get("name") != goal.container]
        container = {**(named[0] if named else {}), "name": goal.container, "image": goal.image}
        change = {**goal.template, "spec": {**spec, "containers": [container, *others]}}
        patch = {"metadata": {"resourceVersion": obj["metadata"]["resourceVersion"]}, "spec": {"template": change}}
        kind = WORKLOADS[self.kind].kind
        made = self.cluster.patch(kind, self.namespace, self.name, patch, content_type=STRATEGIC_PATCH, dry_run=True)
        return template(made)

    def _mine(self, obj: Obj, former: Former, therefore: str) -> None:
        if digest(template(obj)) != former.digest and not is_ours(obj):
            raise self._foreign(obj, therefore)

    def _foreign(self, obj: Obj, therefore: str) -> Foreign:
        managers = sorted(obj["metadata"].get("managedFields") or [], key=lambda one: str(one.get("time", "")))
        wrote = [one for one in managers if one.get("subresource") != "status"]
        who = f" by {wrote[-1].get('manager')} at {wrote[-1].get('time')}" if wrote else ""
        return Foreign(
            f"The template of {self.kind} {self.namespace}/{self.name} is neither the release's nor the one from "
            f"before it: somebody else has changed it (last written{who}), {therefore}. Find out what they want; then "
            "run the same command again, or put the right template there by hand."
        )

    def _swap(self, change: Callable[[Obj], Change], *, insist: bool, dry_run: bool = False) -> Written:
        """Until it is as the change wants it. With `insist` an API server that is away for a while is waited for."""
        deadline, pause = self.clock.monotonic() + self.patience, _FIRST_PAUSE
        while True:
            try:
                obj = self.read()
                operations = to_operations(obj, change(obj))
                if not operations:
                    return Written(obj, obj)
                version = {"op": "replace", "path": "/metadata/resourceVersion"}
                patch = [{**version, "value": obj["metadata"]["resourceVersion"]}, *operations]
                kind = WORKLOADS[self.kind].kind
                written = self.cluster.patch(
                    kind, self.namespace, self.name, patch, content_type=JSON_PATCH, dry_run=dry_run
                )
                return Written(obj, {"kind": self.kind, **written})
            except Conflict:
                pass  # an autoscaler, perhaps: read it again
            except (Foreign, Forbidden, NotFound):
                raise
            except ClusterError as error:
                refused = isinstance(error, ApiError) and not isinstance(error, ServerError) and error.status != 429
                if refused or not insist:
                    raise
                if self.clock.monotonic() >= deadline:
                    raise
            if self.clock.monotonic() >= deadline:
                raise ClusterError(
                    f"{self.kind} {self.namespace}/{self.name} is written all the time, so that nothing could be "
                    f"written in {self.patience:.0f} s. Find out by whom."
                )
            self.clock.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


def is_ours(obj: Obj) -> bool:
    """Whether the template is the one that a rollout of ours has given."""
    noted = (obj["metadata"].get("annotations") or {}).get(TEMPLATE)
    return noted == digest(template(obj))


def _notes(goal: Goal, former: Former) -> dict[str, str | None]:
    return {
        RELEASE: goal.release,
        PINNED: goal.image,
        FORMER_IMAGE: former.image,
        FORMER_RELEASE: former.release,
        FORMER_REVISION: former.revision,
        FORMER_TEMPLATE: former.digest,
        STOPPED: None,
    }


def _going(obj: Obj) -> dict[str, Any]:
    """A pace for a way back whose former pace nobody has noted: the one that is there, if it is not stopped."""
    if obj["kind"] == "Deployment":
        return {}
    strategy = obj["spec"].get("updateStrategy") or {}
    rolling = dict(strategy.get("rollingUpdate") or {})
    if obj["kind"] == "StatefulSet":
        return {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {**rolling, "partition": 0}}}
    return {} if strategy.get("type") != "OnDelete" else {"updateStrategy": {"type": "RollingUpdate"}}


def to_operations(obj: Obj, change: Change) -> list[Obj]:
    """The JSON patch (RFC 6902) that makes a change, of which nothing is written that is so already."""
    operations: list[Obj] = []
    wanted = change.get("template")
    if wanted is not None and digest(wanted) != digest(template(obj)):
        operations.append({"op": "replace", "path": "/spec/template", "value": wanted})
    for name, value in (change.get("spec") or {}).items():
        operations += _field(obj["spec"], name, value)
    notes = dict(obj["metadata"].get("annotations") or {})
    left = {**notes, **(change.get("notes") or {})}
    left = {name: value for name, value in left.items() if value is not None}
    if left != notes:
        operations.append({"op": "add", "path": "/metadata/annotations", "value": left})
    return operations


def _field(spec: Obj, name: str, value: Any) -> Sequence[Obj]:
    if value is None:
        return [{"op": "remove", "path": f"/spec/{name}"}] if spec.get(name) is not None else []
    if _same(spec.get(name), value):
        return []
    return [{"op": "add", "path": f"/spec/{name}", "value": _without_none(value)}]


def _same(there: Any, wanted: Any) -> bool:
    """What is wanted may leave out what the API fills in."""
    if isinstance(wanted, Mapping) and isinstance(there, Mapping):
        return all(_same(there.get(key), value) for key, value in wanted.items())
    return bool(there == wanted) or (there is None and wanted in (0, {}))


def _without_none(value: Any) -> Any:
    return {key: one for key, one in value.items() if one is not None} if isinstance(value, Mapping) else value
