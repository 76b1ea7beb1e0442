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


def needed(wish: Wish, *, proxy: bool, autoscaled: bool) -> list[Permission]:
    """`proxy`: pods are asked through the API server; `autoscaled`: stable has an HPA whose floor is to be raised."""
    own = wish.namespace
    wanted = [
        *_verbs(own, DEPLOYMENT, "get", "list", "patch", "watch"),
        *_verbs(own, REPLICA_SET, "list"),
        *_verbs(own, POD, "list", "watch"),
        Permission("get", POD, own, "log"),
        *_verbs(own, EVENT, "list"),
        *_verbs(own, HPA, "list", *(("get", "patch") if autoscaled else ())),
        *_verbs(own, PDB, "list"),
        *_verbs(own, LEASE, "create", "get", "patch"),
        *_verbs(own, CONFIG_MAP, "create", "get", "patch"),
    ]
    if proxy:
        wanted.append(Permission("get", POD, own, "proxy"))
    if wish.route is not None:
        there = wish.route.namespace
        kind = _ROUTES.get(wish.route.kind)
        wanted += _verbs(there, kind, "get", "patch") if kind else _verbs(there, ENDPOINT_SLICE, "list")
        wanted += _verbs(there, SERVICE, "get")
    return wanted


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
    verbs: dict[tuple[str, str, str], list[str]] = {}
    for one in denied:
        verbs.setdefault((one.namespace, one.resource, one.kind.group), []).append(one.verb)
    missing = ", ".join(f"{'/'.join(words)} {resource}" for (_namespace, resource, _group), words in verbs.items())
    rules = "; ".join(
        f"kubectl -n {namespace} create role {_role(resource)} --verb={','.join(words)} "
        f"--resource={_with_group(resource, group)}"
        for (namespace, resource, group), words in verbs.items()
    )
    namespace, resource, _group = next(iter(verbs))
    rules += (
        f"; and for each: kubectl -n {namespace} create rolebinding {_role(resource)} --role={_role(resource)} "
        "--user=NAME (or --serviceaccount=NAMESPACE:NAME)"
    )
    found = f"these credentials may not {missing} in namespace {' and '.join(sorted({key[0] for key in verbs}))}"
    return [Problem("permissions", found, "all of them", f"give their user these Roles and bind them: {rules}")]


def _verbs(namespace: str, kind: Kind, *verbs: str) -> list[Permission]:
    return [Permission(verb, kind, namespace) for verb in verbs]


def _role(resource: str) -> str:
    return f"slipway-{resource.replace('/', '-')}"


def _with_group(resource: str, group: str) -> str:
    plural, slash, sub = resource.partition("/")
    return (f"{plural}.{group}" if group else plural) + slash + sub
