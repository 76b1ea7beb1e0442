# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Capacity before weight: give the canary the pods for its next share of the traffic, and wait for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..clock import Clock
from ..cluster import DEPLOYMENT, Cluster, Conflict, NotFound, Obj
from .changes import Changes
from .sizes import pods_for
from .snapshot import NoDeployment
from .waiting import Expectation, Outcome, wait

_TRIES = 5  # of a compare-and-swap that others disturb


@dataclass(frozen=True, slots=True)
class Sizing:
    """The canary's `weight` now; pods for weight `ahead` are asked for as well, but not waited for."""

    stable: str
    weight: int
    ahead: int
    canary: Expectation


@dataclass(frozen=True, slots=True)
class Sized:
    """`live`: stable's pods. `before`, `after`: the canary's. `needed` of them are for the weight itself."""

    live: int
    needed: int
    before: int
    after: int
    outcome: Outcome | None = None

    @property
    def changed(self) -> bool:
        return self.before != self.after

    def as_dict(self) -> dict[str, Any]:
        sizes = {"live": self.live, "needed": self.needed, "before": self.before, "after": self.after}
        return sizes | (self.outcome.as_dict() if self.outcome else {})


def give_capacity(
    cluster: Cluster, sizing: Sizing, watch: Callable[[Obj], Changes], clock: Clock, *, check_mode: bool
) -> Sized:
    """Scale the canary out, never in, and wait for its pods. Raises NoDeployment, ClusterError."""
    sized = _scale(cluster, sizing, dry_run=check_mode)
    if check_mode:
        return sized
    return replace(sized, outcome=wait(cluster, replace(sizing.canary, replicas=sized.needed), watch, clock))


def _scale(cluster: Cluster, sizing: Sizing, *, dry_run: bool) -> Sized:
    for left in reversed(range(_TRIES)):
        # Each time anew: stable's HPA works on, and the canary has to keep up with it.
        live = _replicas(_get(cluster, sizing.canary.namespace, sizing.stable))
        canary = _get(cluster, sizing.canary.namespace, sizing.canary.name)
        needed = pods_for(live, sizing.weight)
        before = _replicas(canary)
        after = max(before, needed, pods_for(live, sizing.ahead))
        if after == before:
            break
        patch = {
            "metadata": {"resourceVersion": canary["metadata"]["resourceVersion"]},
            "spec": {"replicas": after},
        }
        try:
            cluster.patch(DEPLOYMENT, sizing.canary.namespace, sizing.canary.name, patch, dry_run=dry_run)
            break
        except Conflict:
            if not left:
                raise
    return Sized(live, needed, before, after)


def _get(cluster: Cluster, namespace: str, name: str) -> Obj:
    try:
        return cluster.get(DEPLOYMENT, namespace, name)
    except NotFound as error:
        raise NoDeployment(f"There is no Deployment '{name}' in namespace '{namespace}'. Correct the name.") from error


def _replicas(deployment: Obj) -> int:
    return int(deployment["spec"].get("replicas", 1))
