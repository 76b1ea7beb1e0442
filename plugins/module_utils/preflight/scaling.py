# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who else decides how many pods there are: autoscalers, disruption budgets, the Deployment's own strategy."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from ..cluster import Obj
from ..labels import selects, template_labels
from .problem import Problem
from .view import View
from .wish import Wish
from .workloads import replicas_of

# Set on an HPA whose floor is raised for the time of a rollout: what it was before.
FORMER_FLOOR = "slipway.rollout/former-min-replicas"


@dataclass(frozen=True, slots=True)
class Autoscaler:
    """stable's HPA. `floor` is its minReplicas outside rollouts, `minimum` the one it has now."""

    name: str
    minimum: int
    maximum: int
    floor: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def autoscaler_of(view: View, deployment: str) -> Autoscaler | None:
    found = _targeting(view, deployment)
    if not found:
        return None
    spec, meta = found[0]["spec"], found[0]["metadata"]
    minimum = int(spec.get("minReplicas", 1))
    former = (meta.get("annotations") or {}).get(FORMER_FLOOR, "")
    return Autoscaler(meta["name"], minimum, int(spec["maxReplicas"]), int(former) if former.isdigit() else minimum)


def scaling_problems(wish: Wish, view: View) -> Iterator[Problem]:
    if others := _targeting(view, wish.canary):
        names = ", ".join(obj["metadata"]["name"] for obj in others)
        found = f"HPA {names} scales Deployment {wish.canary}, whose size follows stable's size and the weight"
        yield Problem("canary", found, "no HPA on the canary", "delete it, or let it scale stable")
    on_stable = _targeting(view, wish.stable)
    if len(on_stable) > 1:
        names = ", ".join(obj["metadata"]["name"] for obj in on_stable)
        yield Problem("stable", f"HPAs {names} all scale Deployment {wish.stable}", "one HPA", "delete the others")
    if view.stable is not None:
        yield from _budgets(view, view.stable)


def scaling_notes(wish: Wish, view: View) -> Iterator[str]:
    for hpa in _targeting(view, wish.stable):
        owner = (hpa["metadata"].get("labels") or {}).get("app.kubernetes.io/managed-by", "")
        if owner.startswith("keda"):
            yield (
                f"HPA {hpa['metadata']['name']} belongs to KEDA, which may take back the floor that is raised for the "
                "time of the rollout."
            )


def _targeting(view: View, deployment: str) -> list[Obj]:
    def meant(hpa: Obj) -> bool:
        target = hpa["spec"].get("scaleTargetRef") or {}
        return bool(target.get("kind") == "Deployment" and target.get("name") == deployment)

    return [hpa for hpa in view.autoscalers if meant(hpa)]


def _budgets(view: View, stable: Obj) -> Iterator[Problem]:
    """The Deployment controller does not ask disruption budgets, so its strategy has to keep their promise."""
    replicas, name = replicas_of(stable), stable["metadata"]["name"]
    lowest = replicas - _unavailable(stable, replicas)
    for budget in view.budgets:
        if not selects(budget["spec"].get("selector"), template_labels(stable)):
            continue
        needed = _needed(budget["spec"], replicas)
        if lowest < needed:
            found = (
                f"the update strategy of Deployment {name} may leave {lowest} of {replicas} pods while stable gets the "
                f"image, but PodDisruptionBudget {budget['metadata']['name']} promises {needed}"
            )
            remedy = "lower strategy.rollingUpdate.maxUnavailable (0 with a maxSurge of 25% keeps every pod)"
            yield Problem("stable", found, "a strategy that keeps the promise", remedy)


def _unavailable(deployment: Obj, replicas: int) -> int:
    strategy = deployment["spec"].get("strategy") or {}
    if strategy.get("type") == "Recreate":
        return replicas
    return _count((strategy.get("rollingUpdate") or {}).get("maxUnavailable", "25%"), replicas, up=False)


def _needed(budget: Obj, replicas: int) -> int:
    if "maxUnavailable" in budget:
        return max(0, replicas - _count(budget["maxUnavailable"], replicas, up=True))
    return _count(budget.get("minAvailable", 0), replicas, up=True)


def _count(value: int | str, whole: int, *, up: bool) -> int:
    """A number or a percentage, rounded as Kubernetes does in each place."""
    if isinstance(value, str) and value.endswith("%"):
        share = whole * int(value[:-1]) / 100
        return math.ceil(share) if up else math.floor(share)
    return int(value)
