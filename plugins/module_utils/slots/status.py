# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person or a role wants to know of each slot."""

from __future__ import annotations

from typing import Any

from ..cluster import DEPLOYMENT, HPA, Cluster, Obj
from ..configuration.template import used_by
from ..labels import join_labels
from ..preflight.facts import FORMER_IMAGE, FORMER_RELEASE, release_of
from ..preflight.scaling import autoscaler_of
from ..preflight.view import View
from ..registry.image import short_name
from ..traffic.route import RouteState
from .pods import Wanted, image_of
from .route import SlotRoute


def slots_of(cluster: Cluster, route: SlotRoute, state: RouteState, container: str) -> dict[str, Any]:
    """By slot: its pods, and what it holds. Raises ClusterError, TrafficError."""
    found = {}
    view = View(autoscalers=cluster.list(HPA, route.spec.namespace))
    for backend in route.spec.backends:
        serving = route.serving(state, backend.name)
        _namespace, labels = route.selectors(state)[backend.name]
        facts: dict[str, Any] = {"ready": len(serving.ready), "pods": serving.total, "selector": join_labels(labels)}
        if backend.deployment:
            obj = cluster.find(DEPLOYMENT, route.spec.namespace, backend.deployment)
            hpa = autoscaler_of(view, backend.deployment)
            facts |= {"deployment": backend.deployment, "hpa": hpa.as_dict() if hpa else None}
            facts |= _held(obj, container) if obj is not None else {}
        found[backend.name] = facts
    return found


def _held(deployment: Obj, container: str) -> dict[str, Any]:
    annotations = deployment["metadata"].get("annotations") or {}
    template = deployment["spec"]["template"]
    image = image_of(template, Wanted(container=container))
    release = release_of(image, annotations)
    former = annotations.get(FORMER_IMAGE, "")
    return {
        "replicas": int(deployment["spec"].get("replicas", 1)),
        "container": container or str(template["spec"]["containers"][0]["name"]),
        "image": image,
        "release": release,
        "title": short_name(release),
        "config": used_by(template),
        "former_image": former,
        "former_release": annotations.get(FORMER_RELEASE, former),
    }
