# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo app in the lab's cluster: put there once, and brought back to its first state on demand."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from lab import kube
from lab.config import LabError
from lab.images import REPOSITORY
from lab.load import ENTRANCES, USER_PATH, Entrance

NAMESPACE = "production"
DECLARED = "slipway-lab/declared"  # annotation: hash of what the lab put there
MANIFESTS = Path(__file__).parent / "manifests" / "app"

LEASES = kube.collection("coordination.k8s.io/v1", "Lease", NAMESPACE)
CONFIG_MAPS = kube.collection("v1", "ConfigMap", NAMESPACE)
PODS = kube.collection("v1", "Pod", NAMESPACE)


class AppError(LabError):
    """The app did not come to the state that it should have."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long to wait for a fact, and how time passes."""

    seconds: float = 120.0
    step: float = 0.2
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def until(self, reason: Callable[[], str]) -> None:
        """Wait until there is no reason left to wait."""
        deadline = self.now() + self.seconds
        while why := reason():
            if self.now() >= deadline:
                raise AppError(
                    f"{why} after {self.seconds:.0f} s. If a rollout left it so, `python -m lab reset` helps"
                )
            self.sleep(self.step)


def objects(images: Mapping[str, str], folder: Path = MANIFESTS) -> list[kube.Obj]:
    """The app's objects, with images by digest and a hash of each one's content."""
    return [_declared(_with_images(obj, images)) for obj in kube.manifests(folder)]


def _with_images(obj: kube.Obj, images: Mapping[str, str]) -> kube.Obj:
    obj = deepcopy(obj)
    for container in _containers(obj):
        repository, _colon, release = container["image"].partition(":")
        if repository == REPOSITORY:
            container["image"] = images[release]
    return obj


def _containers(obj: kube.Obj) -> Iterator[dict[str, Any]]:
    template = obj.get("spec", {}).get("template", {})
    yield from template.get("spec", {}).get("containers", [])


def _declared(obj: kube.Obj) -> kube.Obj:
    digest = hashlib.sha256(json.dumps(obj, sort_keys=True).encode()).hexdigest()[:16]
    meta = obj["metadata"]
    return {**obj, "metadata": {**meta, "annotations": {**meta.get("annotations", {}), DECLARED: digest}}}


def ensure(api: kube.Api, images: Mapping[str, str], waiting: Waiting | None = None) -> bool:
    """Put the app there and wait until it serves on each entrance. True when something was changed.

    What a rollout has made of the app is left alone: only objects that are missing, or that this version of the lab
    declares otherwise, are written.
    """
    changed = False
    for obj in objects(images):
        live = kube.find(api, kube.path(obj))
        if live is None or _hash(live) != _hash(obj):
            kube.apply(api, obj)
            changed = True
    wait(api, waiting or Waiting())
    return changed


def _hash(obj: kube.Obj) -> str:
    return str(obj["metadata"].get("annotations", {}).get(DECLARED, ""))


def reset(api: kube.Api, images: Mapping[str, str], waiting: Waiting | None = None) -> None:
    """Bring everything back: good on main, canary and green at 0, all traffic to main, no trace of a rollout.

    Objects are replaced, not merged, so that fields and annotations that others added go too.
    """
    waiting = waiting or Waiting()
    declared = objects(images)
    # Users stay served on the way: main first, routes once it has come, the others after that.
    first = [obj for obj in declared if obj["kind"] not in ("VirtualService", "HTTPRoute") and not _spare(obj)]
    last = [obj for obj in declared if obj not in first]
    for obj in first:
        kube.replace(api, obj)
    waiting.until(lambda: not_available(api, "continual-transformer-main"))
    for obj in sorted(last, key=_spare):
        kube.replace(api, obj)
    for where in _leftovers(api):
        kube.delete(api, where)
    waiting.until(lambda: pods_left(api))
    wait(api, waiting)


def _spare(obj: kube.Obj) -> bool:
    return bool(obj["kind"] == "Deployment" and obj["spec"]["replicas"] == 0)


def _leftovers(api: kube.Api) -> Iterator[str]:
    """Locks and ledgers of rollouts. Nothing else in the namespace uses Leases."""
    for lease in api.call("GET", LEASES)["items"]:
        yield f"{LEASES}/{lease['metadata']['name']}"
    for config_map in api.call("GET", CONFIG_MAPS)["items"]:
        meta = config_map["metadata"]
        ours = meta.get("labels", {}).get("app.kubernetes.io/managed-by") == "slipway"
        if ours or meta["name"].startswith("slipway"):
            yield f"{CONFIG_MAPS}/{meta['name']}"


def wait(api: kube.Api, waiting: Waiting) -> None:
    """Until main is available and each entrance lets a user in."""
    waiting.until(lambda: not_available(api, "continual-transformer-main"))
    for kind, entrance in ENTRANCES.items():
        waiting.until(lambda kind=kind, entrance=entrance: not_served(kind, entrance))  # type: ignore[misc]


def not_available(api: kube.Api, name: str) -> str:
    """Why a Deployment is not yet what it should be; empty when it is."""
    live = api.call("GET", f"{kube.collection('apps/v1', 'Deployment', NAMESPACE)}/{name}")
    status, wanted = live.get("status", {}), live["spec"]["replicas"]
    if status.get("observedGeneration", 0) < live["metadata"]["generation"]:
        return f"Deployment {name}: the controller has not seen its last change"
    counts = {key: status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")}
    if any(count != wanted for count in counts.values()):
        return f"Deployment {name}: {counts} instead of {wanted} each"
    return ""


def pods_left(api: kube.Api) -> str:
    """Which pods of canary and green are still there; empty when none is."""
    pods = api.call("GET", f"{PODS}?labelSelector=app%3Dcontinual-transformer,version%20in%20(canary,green)")["items"]
    return f"Pods {', '.join(pod['metadata']['name'] for pod in pods)} are still there" if pods else ""


def not_served(kind: str, entrance: Entrance, timeout: float = 3.0) -> str:
    """Why a user of this kind of route gets no answer; empty when one does."""
    request = Request(entrance.url + USER_PATH, headers={"Host": entrance.host})
    try:
        with urlopen(request, timeout=timeout):
            return ""
    except HTTPError as error:
        with error:
            return f"{kind}: {entrance.url} with Host {entrance.host} answers {error.code}"
    except (URLError, OSError) as error:
        return f"{kind}: {entrance.url} with Host {entrance.host}: {error}"
