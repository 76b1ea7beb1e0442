# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a rolling update has to do with, read once before anything is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..cluster import HPA, NAMESPACE, PDB, SERVICE, Cluster, Forbidden, Kind, NotFound, Obj
from ..preflight.problem import Problem, one_of
from ..workload.kinds import WORKLOADS
from ..workload.snapshot import NoDeployment, Snapshot, name_of, take

QUOTA = Kind("", "v1", "resourcequotas", "ResourceQuota")


@dataclass(slots=True)
class View:
    """None and empty where there is nothing, or where it may not be read, which is told with all permissions."""

    snapshot: Snapshot | None = None
    service: Obj | None = None
    autoscalers: Sequence[Obj] = ()
    budgets: Sequence[Obj] = ()
    quotas: Sequence[Obj] = ()
    problems: list[Problem] = field(default_factory=list)


def read(cluster: Cluster, kind: str, namespace: str, name: str, service: str) -> View:
    """Raises ClusterError only when the API server does not answer."""
    view = View()
    try:
        view.snapshot = take(cluster, namespace, name, kind)
    except NoDeployment:
        view.problems.append(_missing(cluster, kind, namespace, name))
        if view.problems[-1].field == "namespace":
            return view
    except Forbidden:
        pass
    if service:
        try:
            view.service = cluster.find(SERVICE, namespace, service)
            if view.service is None:
                there = [name_of(one) for one in _list(cluster, SERVICE, namespace)]
                found = f"there is no Service '{service}' in namespace '{namespace}'"
                view.problems.append(Problem("service", found, one_of(service, there), "correct the name"))
        except Forbidden:
            pass
    view.autoscalers = _list(cluster, HPA, namespace)
    view.budgets = _list(cluster, PDB, namespace)
    view.quotas = _list(cluster, QUOTA, namespace)
    return view


def _missing(cluster: Cluster, kind: str, namespace: str, name: str) -> Problem:
    there = [name_of(obj) for obj in _list(cluster, WORKLOADS[kind].kind, namespace)]
    if not there:
        namespaces = [name_of(obj) for obj in _list(cluster, NAMESPACE, None)]
        if namespaces and namespace not in namespaces:
            found = f"there is no namespace '{namespace}' in this cluster"
            remedy = "correct the namespace, or check kubeconfig and context"
            return Problem("namespace", found, one_of(namespace, namespaces), remedy)
    found = f"there is no {kind} '{name}' in namespace '{namespace}'"
    for other, workload in WORKLOADS.items():
        if other != kind and name in [name_of(obj) for obj in _list(cluster, workload.kind, namespace)]:
            return Problem("name", f"{found}, but a {other}", "", f"set kind to {other}")
    return Problem("name", found, one_of(name, there), "correct the name")


def _list(cluster: Cluster, kind: Kind, namespace: str | None) -> list[Obj]:
    try:
        return cluster.list(kind, namespace)
    except (Forbidden, NotFound):
        return []
