# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who would serve if a slot were live: its ready pods, and the image that they run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..cluster import ENDPOINT_SLICE, POD, Cluster, Obj
from ..labels import join_labels
from ..registry.image import BadImage, Image
from ..traffic.errors import TrafficError

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Serving:
    """The pods of a slot that are ready to take users. `total` counts all that do not end, `why` what ails others."""

    slot: str
    ready: tuple[Obj, ...]
    total: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a slot must have before users get there. `image` and `container` may be "": any, the only one."""

    min_ready: int = 1
    image: str = ""
    container: str = ""

    @classmethod
    def parse(cls, params: Mapping[str, Any]) -> Wanted:
        """Raises TrafficError `bad_switch`."""
        least = params["min_ready"]
        if least < 1:
            raise TrafficError("bad_switch", f"min_ready is {least}; it is a number of pods, at least 1.")
        return cls(least, params.get("image") or "", params.get("container") or "")


def pods_of(cluster: Cluster, namespace: str, selector: Mapping[str, str]) -> list[Obj]:
    """Pods that do not end. None at all for an empty selector, which would mean every pod there is."""
    if not selector:
        return []
    pods = cluster.list(POD, namespace, labels=join_labels(selector))
    return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]


def is_ready(pod: Obj) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)


def endpoints_of(cluster: Cluster, namespace: str, service: str) -> dict[str, bool]:
    """The pods in a Service's EndpointSlices, and whether each is ready there."""
    labels = join_labels({"kubernetes.io/service-name": service})
    found: dict[str, bool] = {}
    for part in cluster.list(ENDPOINT_SLICE, namespace, labels=labels):
        for endpoint in part.get("endpoints") or []:
            target = endpoint.get("targetRef") or {}
            if target.get("kind") == "Pod":
                # Absent means true: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions
                ready = endpoint.get("conditions", {}).get("ready", True)
                found[target["name"]] = found.get(target["name"], False) or bool(ready)
    return found


def lacks_port(service: Obj, pod: Obj) -> str:
    """The named target port that the pod does not have, "" if it has all."""
    names = {
        port.get("name")
        for container in pod.get("spec", {}).get("containers") or []
        for port in container.get("ports") or []
    }
    wanted = (port.get("targetPort") for port in service["spec"].get("ports") or [])
    return next((name for name in wanted if isinstance(name, str) and name not in names), "")


def refuse_unready(serving: Serving, wanted: Wanted, switch: str) -> None:
    """Raises TrafficError `not_ready` or `wrong_image`: users are not sent where nobody serves them."""
    slot, count = serving.slot, len(serving.ready)
    if count < wanted.min_ready:
        why = f" ({serving.why})" if serving.why else ""
        raise TrafficError(
            "not_ready",
            f"{switch} is not switched to {slot}: it has {count} ready of {serving.total} pods{why}, and min_ready is "
            f"{wanted.min_ready}. Give it its pods and wait until they are ready, or lower min_ready.",
            {"changed": False},
        )
    if not wanted.image:
        return
    others = [pod for pod in serving.ready if not runs(pod, wanted)]
    if others:
        shown = ", ".join(f"{pod['metadata']['name']} {image_of(pod, wanted)}" for pod in others[:_SHOWN])
        raise TrafficError(
            "wrong_image",
            f"{switch} is not switched to {slot}: {len(others)} of its {count} ready pods do not run image "
            f"{wanted.image} ({shown}). Release it on that slot first, or correct image.",
            {"changed": False},
        )


def runs(pod: Obj, wanted: Wanted) -> bool:
    """Whether the pod's container has the image that is wanted: by digest where both tell, else by name and tag."""
    name = _container(pod, wanted).get("name", "")
    told = [image_of(pod, wanted), *_image_ids(pod, name)]
    try:
        asked = Image.parse(wanted.image)
    except BadImage:
        return wanted.image in told
    seen = [image for image in map(_parsed, told) if image is not None]
    if asked.digest:
        return any(image.digest == asked.digest for image in seen)
    return any((image.name, image.tag) == (asked.name, asked.tag) for image in seen)


def image_of(pod: Obj, wanted: Wanted) -> str:
    return str(_container(pod, wanted).get("image", ""))


def _container(pod: Obj, wanted: Wanted) -> Mapping[str, Any]:
    containers: Sequence[Mapping[str, Any]] = pod.get("spec", {}).get("containers") or []
    named = [one for one in containers if one.get("name") == wanted.container]
    return (named or ([] if wanted.container else list(containers[:1])) or [{}])[0]


def _image_ids(pod: Obj, container: str) -> Iterable[str]:
    """What the container runtime says it has pulled."""
    for status in (pod.get("status") or {}).get("containerStatuses") or []:
        if status.get("name") == container:
            yield str(status.get("imageID", "")).removeprefix("docker-pullable://")


def _parsed(text: str) -> Image | None:
    try:
        return Image.parse(text)
    except BadImage:
        return None
