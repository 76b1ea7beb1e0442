# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is in the cluster, read once, with a problem for everything that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..cluster import DEPLOYMENT, HPA, NAMESPACE, PDB, Cluster, ClusterError, Forbidden, Kind, NotFound, Obj
from ..traffic.errors import TrafficError
from ..traffic.kinds import open_route
from ..traffic.route import RouteSpec, RouteState
from ..traffic.selectors import pod_selectors
from .problem import Problem, one_of
from .wish import Wish


@dataclass(slots=True)
class View:
    """None and empty where there is nothing, or where it could not be read; `problems` tells the two apart.

    `selectors` are what the route's backends select, by backend: namespace and labels.
    """

    stable: Obj | None = None
    canary: Obj | None = None
    route: RouteState | None = None
    selectors: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    autoscalers: list[Obj] = field(default_factory=list)
    budgets: list[Obj] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(cluster: Cluster, wish: Wish) -> View:
    """Never raises for what concerns a single object; raises ClusterError when the API server does not answer."""
    view = View()
    view.stable = _deployment(cluster, wish, "stable", wish.stable, view)
    if view.problems and view.problems[-1].field == "namespace":
        return view  # all else would be missing for the same reason
    if wish.canary != wish.stable:
        view.canary = _deployment(cluster, wish, "canary", wish.canary, view)
    if wish.route is not None:
        _read_route(cluster, wish.route, view)
    view.autoscalers = _list(cluster, HPA, wish.namespace)
    view.budgets = _list(cluster, PDB, wish.namespace)
    return view


def _deployment(cluster: Cluster, wish: Wish, field_name: str, name: str, view: View) -> Obj | None:
    try:
        return cluster.get(DEPLOYMENT, wish.namespace, name)
    except NotFound:
        view.problems.append(_missing(cluster, wish, field_name, name))
    except Forbidden:
        pass  # told once, with all other permissions
    return None


def _missing(cluster: Cluster, wish: Wish, field_name: str, name: str) -> Problem:
    there = [obj["metadata"]["name"] for obj in _list(cluster, DEPLOYMENT, wish.namespace)]
    if not there:
        namespaces = [obj["metadata"]["name"] for obj in _list(cluster, NAMESPACE, None)]
        if namespaces and wish.namespace not in namespaces:
            found = f"there is no namespace '{wish.namespace}' in this cluster"
            remedy = "correct the namespace, or check kubeconfig and context"
            return Problem("namespace", found, one_of(wish.namespace, namespaces), remedy)
    remedy = "correct the name"
    if field_name == "canary" and wish.stable in there:
        remedy += f", or make the canary: a copy of {wish.stable} with labels of its own and 0 replicas"
    found = f"there is no Deployment '{name}' in namespace '{wish.namespace}'"
    return Problem(field_name, found, one_of(name, there), remedy)


def _read_route(cluster: Cluster, spec: RouteSpec, view: View) -> None:
    try:
        view.route = open_route(cluster, spec).read()
        for name, (namespace, labels) in pod_selectors(cluster, spec).items():
            pairs = dict(pair.split("=", 1) for pair in labels.split(",") if pair)
            view.selectors[name] = (namespace, pairs)
    except TrafficError as error:
        view.problems.append(Problem("route", str(error)))
    except Forbidden:
        pass
    except ClusterError as error:
        view.problems.append(Problem("route", f"{spec.describe()} could not be read: {error}"))


def _list(cluster: Cluster, kind: Kind, namespace: str | None) -> list[Obj]:
    try:
        return cluster.list(kind, namespace)
    except (Forbidden, NotFound):
        return []
