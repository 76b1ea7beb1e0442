# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the tasks of a rollout need to know, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cluster import Obj
from ..configuration.template import used_by
from ..labels import join_labels, match_labels
from ..registry.image import short_name
from ..workload.sizes import pods_for
from .images import same_release
from .scaling import Autoscaler, autoscaler_of
from .view import View
from .wish import Wish
from .workloads import container_of, replicas_of

# Set beside a pinned image, because nobody can read a digest: the image as it was asked for, and which one that was.
RELEASE = "slipway.rollout/release"
PINNED = "slipway.rollout/image"
# Set on stable when it gets a release: what it had before, pinned and as it was asked for.
FORMER_IMAGE = "slipway.rollout/former-image"
FORMER_RELEASE = "slipway.rollout/former-release"


def facts_of(wish: Wish, view: View, params: Mapping[str, Any], pinned: str) -> dict[str, Any]:
    """Empty where one of the two Deployments is missing."""
    if view.stable is None or view.canary is None:
        return {}
    live = replicas_of(view.stable)
    stable = stable_of(wish, view, view.stable)
    return {
        "namespace": wish.namespace,
        "image": pinned,
        "release": str(wish.image) if wish.image else "",
        "title": short_name(str(wish.image)) if wish.image else "",
        "already_live": has_release(wish, view.stable, pinned),
        "unfinished": is_unfinished(wish, view, pinned),
        "stable": stable,
        "canary": version_of(wish, view.canary),
        "split": view.route.split.as_dict() if view.route is not None else {},
        "route": route_of(wish, params, live),
        "stages": [{"weight": weight, "replicas": pods_for(live, weight)} for weight in wish.stages],
        "subject": _subject(view),
    }


def is_unfinished(wish: Wish, view: View, pinned: str) -> bool:
    """Whether stable and the canary that is out both have this release: a rollout that only has to be tidied up."""
    if view.stable is None or view.canary is None or view.route is None:
        return False
    is_out = replicas_of(view.canary) > 0 or dict(view.route.split.weights).get("canary", 0) > 0
    return is_out and all(has_release(wish, one, pinned) for one in (view.stable, view.canary))


def has_release(wish: Wish, deployment: Obj, pinned: str) -> bool:
    """Both parts of it: the image, and the configuration where one is asked for."""
    config = used_by(deployment["spec"]["template"])
    return same_release(pinned, image_of(wish, deployment)) and wish.config in ("", config)


def stable_of(wish: Wish, view: View, deployment: Obj) -> dict[str, Any]:
    """A version with its HPA, and with what it had before the last release."""
    annotations = deployment["metadata"].get("annotations") or {}
    hpa = autoscaler_of(view, wish.stable)
    former = annotations.get(FORMER_IMAGE, "")
    return version_of(wish, deployment) | {
        "hpa": _hpa(hpa, replicas_of(deployment)) if hpa else None,
        "former_image": former,
        "former_release": annotations.get(FORMER_RELEASE, former),
        "former_title": short_name(annotations.get(FORMER_RELEASE, former)),
    }


def _hpa(hpa: Autoscaler, live: int) -> dict[str, Any]:
    """`raised` is the floor for the time of the rollout: what stable has now, as far as the HPA allows any."""
    return hpa.as_dict() | {"raised": min(max(hpa.floor, live), hpa.maximum)}


def version_of(wish: Wish, deployment: Obj) -> dict[str, Any]:
    annotations = deployment["metadata"].get("annotations") or {}
    image = image_of(wish, deployment)
    release = release_of(image, annotations)
    return {
        "name": deployment["metadata"]["name"],
        "replicas": replicas_of(deployment),
        "image": image,
        "release": release,
        "title": short_name(release),
        "container": container_of(wish, deployment).get("name", ""),
        "selector": join_labels(match_labels(deployment)),
    }


def release_of(image: str, annotations: Mapping[str, str]) -> str:
    """What was asked for, unless somebody has set another image since."""
    asked, pinned = annotations.get(RELEASE, ""), annotations.get(PINNED, "")
    return asked if asked and pinned == image else image


def image_of(wish: Wish, deployment: Obj) -> str:
    return str(container_of(wish, deployment).get("image", ""))


def route_of(wish: Wish, params: Mapping[str, Any], live: int) -> dict[str, Any]:
    """The option for the tasks that follow. With replicas, stable keeps the pods that it has now."""
    route = {key: value for key, value in params["route"].items() if value is not None}
    if wish.route is not None and wish.route.kind == "replicas":
        route.setdefault("capacity", live)
        route.setdefault("keep", {"stable": live})
    return route


def _subject(view: View) -> dict[str, str]:
    """Pods by arm: what each backend of the route selects, which is who gets its traffic."""
    return {name: join_labels(labels) for name, (_namespace, labels) in view.selectors.items()}
