# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The route kinds that keep weights in one object; what differs between them is a Shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..cluster import JSON_PATCH, Cluster, Kind, NotFound, Obj
from .errors import TrafficError
from .missing import missing_object
from .route import RouteSpec, RouteState, Settling, Step, step_patch
from .rules import Rule, find_rule, shares_of, targets_of, weight_changes
from .split import Split
from .writers import writers_of


@dataclass(frozen=True, slots=True)
class Shape:
    """Where an object keeps its rules (`rules`) and its controllers' word about it (`settling`)."""

    kind: Kind
    rules: Callable[[RouteSpec, Obj], tuple[Rule, ...]]
    settling: Callable[[Obj], Settling]


class WeightedRoute:
    """A Route on one object."""

    def __init__(self, cluster: Cluster, spec: RouteSpec, shape: Shape) -> None:
        self._cluster = cluster
        self._spec = spec
        self._shape = shape
        self._kind = kind_of(shape.kind, spec.api_version)

    @property
    def spec(self) -> RouteSpec:
        return self._spec

    def read(self) -> RouteState:
        return self._state(self._get())

    def plan(self, state: RouteState, split: Split) -> tuple[Step, ...]:
        obj = state.objects[0]
        changes = weight_changes(targets_of(self._spec, self._rule(obj)), split)
        if not changes:
            return ()
        patch = step_patch(obj["metadata"]["resourceVersion"], changes)
        return (Step(self._kind, self._spec.namespace, self._spec.name, patch, split.as_dict()),)

    def write(self, state: RouteState, step: Step, *, dry_run: bool) -> RouteState:  # noqa: ARG002 - the Protocol's
        obj = self._cluster.patch(
            step.kind, step.namespace, step.name, step.patch, content_type=JSON_PATCH, dry_run=dry_run
        )
        return self._state(obj)

    def observe(self) -> Settling:
        return self._shape.settling(self._get())

    def _get(self) -> Obj:
        try:
            return self._cluster.get(self._kind, self._spec.namespace, self._spec.name)
        except NotFound as error:
            raise missing_object(self._cluster, self._kind, self._spec, error) from error

    def _rule(self, obj: Obj) -> Rule:
        return find_rule(self._spec, self._shape.rules(self._spec, obj))

    def _state(self, obj: Obj) -> RouteState:
        shares = shares_of(targets_of(self._spec, self._rule(obj)))
        return RouteState(shares, Split.of_shares(shares), (obj,), writers_of((obj,)), shares)


def kind_of(kind: Kind, api_version: str) -> Kind:
    """The kind at the version that the option asks for; `networking.istio.io/v1beta1` or just `v1beta1`."""
    if not api_version:
        return kind
    group, _slash, version = api_version.rpartition("/")
    if group not in ("", kind.group):
        raise TrafficError(
            "bad_route",
            f"route.api_version is '{api_version}', but {kind.kind} belongs to the group {kind.group}. "
            f"Leave it out, or write {kind.group}/{version}.",
        )
    return replace(kind, version=version)
