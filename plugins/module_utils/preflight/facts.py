# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the tasks of a rollout need to know, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cluster import Obj
from ..labels import join_labels, match_labels
from ..workload.sizes import pods_for
from .images import same_release
from .scaling import Autoscaler, autoscaler_of
from .view import View
from .wish import Wish
from .workloads import container_of, replicas_of

# Set beside a pinned image, because nobody can read a digest: the image as it was asked for.
RELEASE = "slipway.rollout/release"


def facts_of(wish: Wish, view: View, params: Mapping[str, Any], pinned: str) -> dict[str, Any]:
    """Empty where one of the two Deployments is missing."""
    if view.stable is None or view.canary is None:
        return {}
    live = replicas_of(view.stable)
    hpa = autoscaler_of(view, wish.stable)
    stable = _version(wish, view.stable) | {"hpa": _hpa(hpa, live) if hpa else None}
    return {
        "image": pinned,
        "release": str(wish.image) if wish.image else "",
        "already_live": same_release(pinned, stable["image"]),
        "stable": stable,
        "canary": _version(wish, view.canary),
        "split": view.route.split.as_dict() if view.route is not None else {},
        "route": _route(wish, params, live),
        "stages": [{"weight": weight, "replicas": pods_for(live, weight)} for weight in wish.stages],
        "subject": _subject(view),
    }


def _hpa(hpa: Autoscaler, live: int) -> dict[str, Any]:
    """`raised` is the floor for the time of the rollout: what stable has now, as far as the HPA allows any."""
    return hpa.as_dict() | {"raised": min(max(hpa.floor, live), hpa.maximum)}


def _version(wish: Wish, deployment: Obj) -> dict[str, Any]:
    annotations = deployment["metadata"].get("annotations") or {}
    image = image_of(wish, deployment)
    return {
        "name": deployment["metadata"]["name"],
        "replicas": replicas_of(deployment),
        "image": image,
        "release": annotations.get(RELEASE, image),
        "container": container_of(wish, deployment).get("name", ""),
        "selector": join_labels(match_labels(deployment)),
    }


def image_of(wish: Wish, deployment: Obj) -> str:
    return str(container_of(wish, deployment).get("image", ""))


def _route(wish: Wish, params: Mapping[str, Any], live: int) -> dict[str, Any]:
    """The option for the tasks that follow. With replicas, stable keeps the pods that it has now."""
    route = {key: value for key, value in params["route"].items() if value is not None}
    if wish.route is not None and wish.route.kind == "replicas":
        route.setdefault("capacity", live)
        route.setdefault("keep", {"stable": live})
    return route


def _subject(view: View) -> dict[str, str]:
    """Pods by arm: what each backend of the route selects, which is who gets its traffic."""
    return {name: join_labels(labels) for name, (_, labels) in view.selectors.items()}
