# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What there is in the app's namespace, read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..cluster import (
    DEPLOYMENT,
    GRPC_ROUTE,
    HPA,
    HTTP_ROUTE,
    OPENSHIFT_ROUTE,
    POD,
    SERVICE,
    VIRTUAL_SERVICE,
    Cluster,
    Forbidden,
    Kind,
    NotFound,
    Obj,
)
from ..labels import join_labels, match_labels
from ..workload.snapshot import is_ready

INGRESS = Kind("networking.k8s.io", "v1", "ingresses", "Ingress")
NETWORK_POLICY = Kind("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy")
GATEWAY = Kind("gateway.networking.k8s.io", "v1", "gateways", "Gateway")
ISTIO_GATEWAY = Kind("networking.istio.io", "v1", "gateways", "Gateway")

# By the word in the option `route.kind`.
ROUTES: Mapping[str, Kind] = {
    "virtualservice": VIRTUAL_SERVICE,
    "httproute": HTTP_ROUTE,
    "openshiftroute": OPENSHIFT_ROUTE,
    "grpcroute": GRPC_ROUTE,
}
# A gateway is mostly kept in a namespace of its own.
_EVERYWHERE = (GATEWAY, ISTIO_GATEWAY)
_HERE = (DEPLOYMENT, SERVICE, HPA, INGRESS, NETWORK_POLICY, *ROUTES.values())


class AdoptError(Exception):
    """Why nothing can be written; one or two sentences for people."""


@dataclass(frozen=True, slots=True)
class World:
    """Objects by kind (plural and group); `unread` are kinds that these credentials may not list."""

    namespace: str
    objects: Mapping[Kind, tuple[Obj, ...]] = field(repr=False)
    unread: tuple[str, ...] = ()

    def all(self, kind: Kind) -> tuple[Obj, ...]:
        return self.objects.get(kind, ())

    def find(self, kind: Kind, name: str) -> Obj | None:
        return next((obj for obj in self.all(kind) if name_of(obj) == name), None)


def read_world(cluster: Cluster, namespace: str) -> World:
    """A kind that the cluster does not serve has no objects. Raises ClusterError."""
    objects: dict[Kind, tuple[Obj, ...]] = {}
    unread: list[str] = []
    for kind in (*_HERE, *_EVERYWHERE):
        try:
            objects[kind] = tuple(cluster.list(kind, None if kind in _EVERYWHERE else namespace))
        except NotFound:
            continue
        except Forbidden:
            if kind in (DEPLOYMENT, SERVICE):
                raise
            unread.append(f"{kind.plural}.{kind.group}")
    return World(namespace, objects, tuple(unread))


def ready_pods(cluster: Cluster, deployment: Obj) -> list[Obj]:
    """Raises ClusterError."""
    labels = join_labels(match_labels(deployment))
    return [pod for pod in cluster.list(POD, deployment["metadata"]["namespace"], labels=labels) if is_ready(pod)]


def name_of(obj: Obj) -> str:
    return str(obj["metadata"]["name"])


def names_of(objects: Iterable[Obj]) -> str:
    """For people."""
    return ", ".join(sorted(map(name_of, objects))) or "none"
