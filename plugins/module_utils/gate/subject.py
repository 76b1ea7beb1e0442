# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pods that are watched: which there are, since when, and what ails them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..clock import Clock
from ..cluster import POD, Cluster, Obj
from .workers import Workers

ZONE = "topology.kubernetes.io/zone"


@dataclass(frozen=True, slots=True)
class PodGroup:
    """An arm of the subject: pods by label selector (API syntax) in a namespace."""

    name: str
    namespace: str
    selector: str


@dataclass(frozen=True, slots=True)
class Pod:
    """What a gate needs to know of a pod. `trouble` says what keeps its containers from running, "" if nothing."""

    name: str
    namespace: str
    group: str
    uid: str
    ip: str = ""
    phase: str = ""
    ready: bool = False
    terminating: bool = False
    started: float | None = None
    restarts: int = 0
    trouble: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    node: str = ""

    @property
    def zone(self) -> str:
        """As far as the pod itself knows: newer clusters copy this label from the node."""
        return self.labels.get(ZONE, "")


def read_pod(obj: Obj, group: str) -> Pod:
    """From a Pod as the API gives it."""
    meta, status, spec = obj["metadata"], obj.get("status") or {}, obj.get("spec") or {}
    containers: Sequence[Obj] = status.get("containerStatuses") or []
    running = [item["state"]["running"].get("startedAt") for item in containers if "running" in item.get("state", {})]
    return Pod(
        name=meta["name"],
        namespace=meta["namespace"],
        group=group,
        uid=meta.get("uid", ""),
        ip=status.get("podIP", ""),
        phase=status.get("phase", ""),
        ready=any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions") or []),
        terminating="deletionTimestamp" in meta,
        started=_seconds(min((moment for moment in running if moment), default=status.get("startTime"))),
        restarts=sum(item.get("restartCount", 0) for item in containers),
        trouble="; ".join(filter(None, (*map(_trouble, containers), _end(status)))),
        labels=meta.get("labels") or {},
        annotations=meta.get("annotations") or {},
        ports={
            port["name"]: port["containerPort"]
            for container in spec.get("containers") or []
            for port in container.get("ports") or []
            if "name" in port
        },
        node=spec.get("nodeName") or "",
    )


def _seconds(moment: Any) -> float | None:
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp() if moment else None


def _end(status: Obj) -> str:
    """Why a pod as a whole has failed, such as `Evicted: The node was low on resource: memory.`"""
    return ": ".join(filter(None, (status.get("reason", ""), status.get("message", ""))))


def _trouble(container: Obj) -> str:
    """Why a container does not run, or ended before: with exit code, as `kubectl describe` would have it."""
    name, state = container["name"], container.get("state") or {}
    ended = state.get("terminated") or (container.get("lastState") or {}).get("terminated")
    words = []
    if "waiting" in state:
        words.append(state["waiting"].get("reason", "waiting"))
    if ended and (ended.get("exitCode", 0) != 0 or ended.get("reason") == "OOMKilled"):
        words.append(f"{ended.get('reason', 'ended')}, exit code {ended.get('exitCode')}")
    return f"container {name}: {', '.join(words)}" if words else ""


class Subject:
    """Lists the pods of all groups, at most once per `refresh` seconds, in the background after the first time."""

    def __init__(
        self, cluster: Cluster, groups: Sequence[PodGroup], clock: Clock, *, refresh: float = 1.0, workers: Workers
    ) -> None:
        self._cluster = cluster
        self.groups = tuple(groups)
        self._clock = clock
        self._refresh = refresh
        self._workers = workers
        self._pods: tuple[Pod, ...] = ()
        self._asked = float("-inf")
        self._flight: Future[tuple[Pod, ...]] | None = None
        self.error = ""  # why the latest listing failed

    def pods(self) -> tuple[Pod, ...]:
        """The pods as last listed. Only the first call waits; it raises ClusterError when there is no answer."""
        if self._asked == float("-inf"):
            self._pods = self._list()
            self._asked = self._clock.monotonic()
        self._collect()
        if self._flight is None and self._clock.monotonic() - self._asked >= self._refresh:
            self._asked = self._clock.monotonic()
            self._flight = self._workers.submit(self._list)
        return self._pods

    def _collect(self) -> None:
        if self._flight is None or not self._flight.done():
            return
        try:
            self._pods = self._flight.result()
            self.error = ""
        except Exception as error:  # the pods of before are still the best that is known
            self.error = str(error)
        self._flight = None

    def _list(self) -> tuple[Pod, ...]:
        found: dict[tuple[str, str], Pod] = {}
        for group in self.groups:
            for obj in self._cluster.list(POD, group.namespace, labels=group.selector):
                pod = read_pod(obj, group.name)
                found.setdefault((pod.namespace, pod.name), pod)
        return tuple(found.values())
