# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which pods stand behind each backend, as label selectors of the API."""

from __future__ import annotations

from collections.abc import Mapping

from ..cluster import DEPLOYMENT, DESTINATION_RULE, SERVICE, Cluster, Kind, NotFound, Obj
from .errors import TrafficError
from .route import Backend, RouteSpec
from .virtualservice import host_key


def pod_selectors(cluster: Cluster, spec: RouteSpec) -> dict[str, tuple[str, str]]:
    """Backend name to (namespace, label selector). Raises TrafficError `unknown_backend`."""
    return {backend.name: _selector(cluster, spec, backend) for backend in spec.backends}


def join_labels(labels: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def selected_labels(deployment: Obj) -> Mapping[str, str]:
    """What the Deployment's selector asks of its pods (matchLabels; expressions are not read)."""
    return deployment["spec"].get("selector", {}).get("matchLabels") or {}


def pod_labels(deployment: Obj) -> Mapping[str, str]:
    return deployment["spec"].get("template", {}).get("metadata", {}).get("labels") or {}


def _selector(cluster: Cluster, spec: RouteSpec, backend: Backend) -> tuple[str, str]:
    if backend.deployment:
        deployment = _get(cluster, backend, DEPLOYMENT, spec.namespace, backend.deployment)
        return spec.namespace, join_labels(selected_labels(deployment))
    key = host_key(backend.service, spec.namespace)
    if len(key) != 2:
        raise TrafficError(
            "unknown_backend",
            f"route.backends.{backend.name}.service is '{backend.service}', which is not a Service of this cluster, "
            "so its pods cannot be observed. Set observe: false.",
        )
    name, namespace = key
    labels = dict(_get(cluster, backend, SERVICE, namespace, name)["spec"].get("selector") or {})
    if backend.subset:
        labels |= _subset_labels(cluster, spec, backend)
    return namespace, join_labels(labels)


def _get(cluster: Cluster, backend: Backend, kind: Kind, namespace: str, name: str) -> Obj:
    try:
        return cluster.get(kind, namespace, name)
    except NotFound as error:
        raise TrafficError(
            "unknown_backend",
            f"route.backends.{backend.name} is {kind.kind} '{name}', but namespace '{namespace}' has none of that "
            "name. Correct route.backends, or create it.",
        ) from error


def _subset_labels(cluster: Cluster, spec: RouteSpec, backend: Backend) -> Mapping[str, str]:
    wanted = host_key(backend.service, spec.namespace)
    for rule in cluster.list(DESTINATION_RULE, spec.namespace):
        if host_key(rule["spec"].get("host", ""), spec.namespace) == wanted:
            for subset in rule["spec"].get("subsets") or []:
                if subset.get("name") == backend.subset:
                    return subset.get("labels") or {}
    raise TrafficError(
        "unknown_backend",
        f"route.backends.{backend.name}.subset is '{backend.subset}', but no DestinationRule in namespace "
        f"'{spec.namespace}' defines it for host {backend.service}.",
    )
