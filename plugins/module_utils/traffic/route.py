# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A route: the object that splits traffic, and the four verbs that every kind of it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ..cluster import Kind, Obj
from .split import Split
from .writers import Writer


@dataclass(frozen=True, slots=True)
class Backend:
    """A backend's logical name and what it is in the route; "" and None mean: not given."""

    name: str
    service: str = ""
    subset: str = ""
    port: int | None = None
    deployment: str = ""


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """The option `route`, parsed. `keep` and `capacity` count pods and concern the kind `replicas` alone."""

    kind: str
    name: str
    namespace: str
    backends: tuple[Backend, ...]
    rule: str = ""
    api_version: str = ""
    capacity: int | None = None
    keep: tuple[tuple[str, int], ...] = ()

    def describe(self) -> str:
        rule = f" rule '{self.rule}'" if self.rule else ""
        return f"{self.kind} {self.namespace}/{self.name}{rule}"

    def as_dict(self) -> dict[str, str]:
        return {"kind": self.kind, "name": self.name, "namespace": self.namespace, "rule": self.rule}


@dataclass(frozen=True, slots=True)
class RouteState:
    """What was read.

    `shares` are the route's own numbers (weights or pods) per backend, `split` the same in percent, `start` the shares
    at the first reading of a change that takes several steps.
    """

    shares: Mapping[str, int]
    split: Split
    objects: tuple[Obj, ...] = field(repr=False)
    writers: tuple[Writer, ...] = field(repr=False)
    start: Mapping[str, int] = field(repr=False)

    @property
    def resource_version(self) -> str:
        return ",".join(obj["metadata"]["resourceVersion"] for obj in self.objects)


@dataclass(frozen=True, slots=True)
class Step:
    """One compare-and-swap on one object.

    `gives` are the route's shares after it. A step with `hold` must wait until what `hold` says is no longer so.
    """

    kind: Kind
    namespace: str
    name: str
    patch: tuple[Obj, ...]
    gives: Mapping[str, int]
    hold: str = ""


@dataclass(frozen=True, slots=True)
class Settling:
    """What the cluster says about a route that was written: `unknown`, `waiting`, `settled` or `refused`, and why."""

    state: str
    reason: str = ""


class Route(Protocol):
    """One kind of route. Errors are TrafficError (what it means) or ClusterError (how it failed)."""

    @property
    def spec(self) -> RouteSpec: ...

    def read(self) -> RouteState:
        """The current split over the named backends."""

    def plan(self, state: RouteState, split: Split) -> tuple[Step, ...]:
        """What is to be written, in order; empty when the route is at that split. Pure."""

    def write(self, state: RouteState, step: Step, *, dry_run: bool) -> RouteState:
        """One compare-and-swap; the state after it."""

    def observe(self) -> Settling:
        """One look at what the cluster says about the route: has it been taken up?"""


def step_patch(resource_version: str, changes: tuple[Obj, ...]) -> tuple[Obj, ...]:
    """JSON Patch that fails with 409 when the object is no longer the one that was read."""
    return ({"op": "replace", "path": "/metadata/resourceVersion", "value": resource_version}, *changes)
