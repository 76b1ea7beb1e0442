# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every verb that a rollout needs, asked of the API server before anything is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import MappingProxyType

from ..cluster import (
    CONFIG_MAP,
    DEPLOYMENT,
    ENDPOINT_SLICE,
    EVENT,
    GRPC_ROUTE,
    HPA,
    HTTP_ROUTE,
    LEASE,
    OPENSHIFT_ROUTE,
    PDB,
    POD,
    REPLICA_SET,
    SERVICE,
    VIRTUAL_SERVICE,
    Cluster,
    Kind,
)
from .problem import Problem
from .wish import Wish

_AT_ONCE = 6  # requests side by side: most of their time is the way there and back
_ROUTES: Mapping[str, Kind] = MappingProxyType(
    {
        "grpcroute": GRPC_ROUTE,
        "httproute": HTTP_ROUTE,
        "openshiftroute": OPENSHIFT_ROUTE,
        "virtualservice": VIRTUAL_SERVICE,
    }
)


@dataclass(frozen=True, slots=True)
class Permission:
    """One verb on one kind (or its subresource) in one namespace."""

    verb: str
    kind: Kind
    namespace: str
    subresource: str = ""
    allowed: bool = False

    @property
    def resource(self) -> str:
        return "/".join(filter(None, (self.kind.plural, self.subresource)))

    def describe(self) -> str:
        return f"{self.verb} {self.resource}"


def verbs(namespace: str, kind: Kind, *names: str) -> list[Permission]:
    return [Permission(verb, kind, namespace) for verb in names]


def every_rollout(namespace: str, *, pods_proxy: bool, service_proxy: bool = False) -> list[Permission]:
    """Lock and ledger, and what is looked at, whatever the strategy. Proxies: who is asked through the API server."""
    permissions = [
        *verbs(namespace, POD, "list", "watch"),
        Permission("get", POD, namespace, "log"),
        *(Permission("list", kind, namespace) for kind in (EVENT, HPA, PDB)),
        *verbs(namespace, LEASE, "create", "get", "patch"),
        *verbs(namespace, CONFIG_MAP, "create", "get", "patch"),
    ]
    asked = ((POD, pods_proxy), (SERVICE, service_proxy))
    return permissions + [Permission("get", kind, namespace, "proxy") for kind, is_asked in asked if is_asked]


def of_gate(namespace: str, gate: Mapping[str, object]) -> list[Permission]:
    """What only some gates need."""
    return verbs(namespace, POD, "delete") if gate.get("on_bad_pod") == "replace" else []


def needed(
    wish: Wish, *, proxy: bool, autoscaled: bool, gate: Mapping[str, object] = MappingProxyType({})
) -> list[Permission]:
    """Every verb of a canary. `autoscaled`: stable has an HPA whose floor is to be raised."""
    own = wish.namespace
    wanted = [
        *verbs(own, DEPLOYMENT, "get", "list", "patch", "watch"),
        *verbs(own, REPLICA_SET, "list"),
        *(verbs(own, HPA, "get", "patch") if autoscaled else ()),
        *every_rollout(own, pods_proxy=proxy),
        *of_gate(own, gate),
    ]
    if wish.route is not None:
        there = wish.route.namespace
        kind = _ROUTES.get(wish.route.kind)
        wanted += verbs(there, kind, "get", "patch") if kind else verbs(there, ENDPOINT_SLICE, "list")
        wanted += verbs(there, SERVICE, "get")
    return wanted


def told(permissions: Iterable[Permission]) -> dict[str, list[str]]:
    """For people, and for whoever writes a Role from it."""
    return {
        word: [one.describe() for one in permissions if one.allowed == allowed]
        for word, allowed in (("allowed", True), ("denied", False))
    }


def ask(cluster: Cluster, wanted: Sequence[Permission]) -> list[Permission]:
    """The same with the API server's answers. Raises ClusterError."""

    def one(wish: Permission) -> Permission:
        allowed = cluster.may(wish.verb, wish.kind, wish.namespace, subresource=wish.subresource)
        return replace(wish, allowed=allowed)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(one, wanted))


def permission_problems(permissions: Iterable[Permission]) -> list[Problem]:
    """One problem for all that is missing, with the commands that would give it."""
    denied = [one for one in permissions if not one.allowed]
    if not denied:
        return []
    missed: dict[tuple[str, str, str], list[str]] = {}
    for one in denied:
        missed.setdefault((one.namespace, one.resource, one.kind.group), []).append(one.verb)
    missing = ", ".join(f"{'/'.join(words)} {resource}" for (_namespace, resource, _group), words in missed.items())
    rules = "; ".join(
        f"kubectl -n {namespace} create role {_role(resource)} --verb={','.join(words)} "
        f"--resource={_with_group(resource, group)}"
        for (namespace, resource, group), words in missed.items()
    )
    namespace, resource, _group = next(iter(missed))
    rules += (
        f"; and for each: kubectl -n {namespace} create rolebinding {_role(resource)} --role={_role(resource)} "
        "--user=NAME (or --serviceaccount=NAMESPACE:NAME)"
    )
    found = f"these credentials may not {missing} in namespace {' and '.join(sorted({key[0] for key in missed}))}"
    return [Problem("permissions", found, "all of them", f"give their user these Roles and bind them: {rules}")]


def _role(resource: str) -> str:
    return f"slipway-{resource.replace('/', '-')}"


def _with_group(resource: str, group: str) -> str:
    plural, slash, sub = resource.partition("/")
    return (f"{plural}.{group}" if group else plural) + slash + sub
