# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the pods that a rolling update needs can be had, and the ones it takes can be spared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..cluster import Obj
from ..labels import selects, template_labels
from ..preflight.problem import Problem
from ..workload.snapshot import name_of
from .pace import Pace, amount, host_ports, surges

_SUFFIXES: Mapping[str, float] = {
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "": 1.0,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
    "E": 1e18,
    **{f"{letter}i": 1024.0 ** (power + 1) for power, letter in enumerate("KMGTPE")},
}
_QUANTITY = re.compile(r"([0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)")


@dataclass(frozen=True, slots=True)
class Steps:
    """How many pods there are, how many more there will be at most, and how many fewer."""

    pods: int
    more: int
    fewer: int


def steps(obj: Obj, pace: Pace, pods: int) -> Steps:
    if obj["kind"] == "StatefulSet":
        return Steps(pods, 0, 1)
    if obj["kind"] == "DaemonSet":
        if surges(obj, pace):
            return Steps(pods, amount(pace.surge, pods, up=True), 0)
        return Steps(pods, 0, amount(pace.unavailable, pods, up=True))
    more, fewer = amount(pace.surge, pods, up=True), amount(pace.unavailable, pods, up=False)
    return Steps(pods, more, fewer if more or fewer else 1)  # so that it gets on at all, as Kubernetes has it


def budget_problems(obj: Obj, wanted: Steps, budgets: list[Obj] | tuple[Obj, ...]) -> Iterator[Problem]:
    """A controller does not ask disruption budgets, so the pace has to keep their promise."""
    lowest = wanted.pods - wanted.fewer
    for budget in budgets:
        if not selects(budget["spec"].get("selector"), template_labels(obj)):
            continue
        spec = budget["spec"]
        if "maxUnavailable" in spec:
            needed = max(0, wanted.pods - amount(spec["maxUnavailable"], wanted.pods, up=True))
        else:
            needed = amount(spec.get("minAvailable", 0), wanted.pods, up=True)
        if lowest < needed:
            found = (
                f"{lowest} of {wanted.pods} pods of {obj['kind']} {name_of(obj)} may be left while it rolls, but "
                f"PodDisruptionBudget {name_of(budget)} promises {needed}"
            )
            yield Problem("max_unavailable", found, "a pace that keeps the promise", _slower(obj))


def _slower(obj: Obj) -> str:
    if obj["kind"] == "StatefulSet":
        return "a StatefulSet takes one pod away at a time: add a replica, or let the budget spare one"
    return "lower max_unavailable (0 with a max_surge of 25% keeps every pod)"


def quota_problems(obj: Obj, wanted: Steps, quotas: list[Obj] | tuple[Obj, ...]) -> Iterator[Problem]:
    """Without room for even one pod more, a rollout that takes none away first would stand for ever."""
    if wanted.more == 0:
        return
    for quota in quotas:
        if quota["spec"].get("scopes") or quota["spec"].get("scopeSelector"):
            continue  # which pods it is about cannot be told from here
        status = quota.get("status") or {}
        used = status.get("used") or {}
        for resource, hard in (status.get("hard") or quota["spec"].get("hard") or {}).items():
            each = _of_pod(obj, resource)
            free = quantity(hard) - quantity(used.get(resource, "0"))
            if each > 0 and free < each and wanted.fewer == 0:
                found = (
                    f"max_surge asks for {wanted.more} more pods, but ResourceQuota {name_of(quota)} has no room for "
                    f"one ({resource}: {used.get(resource, '0')} of {hard} used)"
                )
                remedy = "raise the quota, or set max_surge: 0 and max_unavailable: 1"
                yield Problem("max_surge", found, "room for one pod more", remedy)


def host_port_notes(obj: Obj, pace: Pace) -> Iterator[str]:
    if obj["kind"] == "DaemonSet" and pace.surge not in (0, "0%") and host_ports(obj):
        ports = ", ".join(map(str, host_ports(obj)))
        yield (
            f"Pods of DaemonSet {name_of(obj)} have ports of their node ({ports}), so the old pod of a node ends "
            "before the new one starts."
        )


def _of_pod(obj: Obj, resource: str) -> float:
    """What one pod counts for this resource of a quota."""
    if resource in ("pods", "count/pods"):
        return 1.0
    kind, _dot, name = resource.partition(".")
    if kind not in ("requests", "limits"):
        kind, name = "requests", resource  # `cpu` and `memory` mean requests
    total = 0.0
    for container in obj["spec"]["template"]["spec"].get("containers") or []:
        resources = container.get("resources") or {}
        value = (resources.get(kind) or {}).get(name)
        if value is None and kind == "requests":
            value = (resources.get("limits") or {}).get(name)
        total += quantity(value) if value is not None else 0.0
    return total


def quantity(value: object) -> float:
    """`250m`, `64Mi`, `2` as a number; 0 for what is none.

    >>> quantity("250m"), quantity("1Ki"), quantity(2)
    (0.25, 1024.0, 2.0)
    """
    found = _QUANTITY.fullmatch(str(value))
    return float(found[1]) * _SUFFIXES.get(found[2], 0.0) if found else 0.0
