# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""No mesh at all: Deployments behind one Service, so that the number of pods makes the split.

Capacity comes first: more pods are written and waited for before any are taken away.
"""

from __future__ import annotations

from dataclasses import replace

from ..cluster import DEPLOYMENT, ENDPOINT_SLICE, JSON_PATCH, POD, SERVICE, Cluster, NotFound, Obj
from .errors import TrafficError
from .missing import missing_object
from .pods import describe_pods, wanted_pods
from .route import Backend, RouteSpec, RouteState, Settling, Step, step_patch
from .selectors import join_labels, pod_labels, selected_labels
from .split import Split
from .weighted import kind_of
from .writers import writers_of


def replicas(cluster: Cluster, spec: RouteSpec) -> ReplicasRoute:
    return ReplicasRoute(cluster, spec)


class ReplicasRoute:
    """A Route over the Deployments behind the Service `route.name`."""

    def __init__(self, cluster: Cluster, spec: RouteSpec) -> None:
        kind_of(SERVICE, spec.api_version)
        self._cluster = cluster
        self._spec = spec

    @property
    def spec(self) -> RouteSpec:
        return self._spec

    def read(self) -> RouteState:
        service = self._service()
        deployments = tuple(self._deployment(backend) for backend in self._spec.backends)
        for backend, deployment in zip(self._spec.backends, deployments, strict=True):
            _check_selected(self._spec, service, backend, deployment)
        return self._state(deployments)

    def plan(self, state: RouteState, split: Split) -> tuple[Step, ...]:
        wanted = wanted_pods(self._spec, split, state.start)
        gives = dict(state.shares)
        growing: list[Step] = []
        shrinking: list[Step] = []
        lacking: list[str] = []
        for backend, obj in zip(self._spec.backends, state.objects, strict=True):
            today, then = state.shares[backend.name], wanted[backend.name]
            if then != today:
                (growing if then > today else shrinking).append(self._step(obj, backend.name, then))
            elif _ready(obj) < today:
                lacking.append(f"{backend.name} has {_ready(obj)} of {today} pods ready")
        hold = "more pods must be ready before any are taken away" if growing else ", ".join(lacking)
        steps = []
        for step in (*growing, *(replace(step, hold=hold) for step in shrinking)):
            gives |= step.gives
            steps.append(replace(step, gives=dict(gives)))
        return tuple(steps)

    def write(self, state: RouteState, step: Step, *, dry_run: bool) -> RouteState:
        written = self._cluster.patch(
            step.kind, step.namespace, step.name, step.patch, content_type=JSON_PATCH, dry_run=dry_run
        )
        return self._state(tuple(written if obj["metadata"]["name"] == step.name else obj for obj in state.objects))

    def observe(self) -> Settling:
        """Whether the Service's ready endpoints are the pods that the Deployments were asked for."""
        state = self.read()
        labels = join_labels({"kubernetes.io/service-name": self._spec.name})
        ready = _ready_pods(self._cluster.list(ENDPOINT_SLICE, self._spec.namespace, labels=labels))
        serving = {}
        for backend, obj in zip(self._spec.backends, state.objects, strict=True):
            pods = self._cluster.list(POD, self._spec.namespace, labels=join_labels(selected_labels(obj)))
            serving[backend.name] = len({pod["metadata"]["name"] for pod in pods} & ready)
        if serving == dict(state.shares):
            return Settling("settled")
        asked, given = describe_pods(state.shares), describe_pods(serving)
        return Settling("waiting", f"Service '{self._spec.name}' has ready endpoints {given}; asked for {asked}")

    def _service(self) -> Obj:
        try:
            return self._cluster.get(SERVICE, self._spec.namespace, self._spec.name)
        except NotFound as error:
            raise missing_object(self._cluster, SERVICE, self._spec, error) from error

    def _deployment(self, backend: Backend) -> Obj:
        obj = self._cluster.find(DEPLOYMENT, self._spec.namespace, backend.deployment)
        if obj is None:
            raise TrafficError(
                "unknown_backend",
                f"route.backends.{backend.name}.deployment is '{backend.deployment}', but namespace "
                f"'{self._spec.namespace}' has no Deployment of that name. Correct it.",
            )
        return obj

    def _state(self, deployments: tuple[Obj, ...]) -> RouteState:
        shares = {
            backend.name: int(obj["spec"].get("replicas", 1))
            for backend, obj in zip(self._spec.backends, deployments, strict=True)
        }
        return RouteState(shares, Split.of_shares(shares), deployments, writers_of(deployments), shares)

    def _step(self, obj: Obj, backend: str, pods: int) -> Step:
        verb = "replace" if "replicas" in obj["spec"] else "add"
        change = {"op": verb, "path": "/spec/replicas", "value": pods}
        patch = step_patch(obj["metadata"]["resourceVersion"], (change,))
        return Step(DEPLOYMENT, self._spec.namespace, obj["metadata"]["name"], patch, {backend: pods})


def _ready(deployment: Obj) -> int:
    """Ready pods, 0 while the controller has not seen the latest change."""
    status = deployment.get("status") or {}
    if status.get("observedGeneration", 0) < deployment["metadata"].get("generation", 0):
        return 0
    return int(status.get("readyReplicas", 0))


def _check_selected(spec: RouteSpec, service: Obj, backend: Backend, deployment: Obj) -> None:
    selector = service["spec"].get("selector") or {}
    labels = pod_labels(deployment)
    if not selector or any(labels.get(key) != value for key, value in selector.items()):
        raise TrafficError(
            "unknown_backend",
            f"Service '{spec.name}' selects {join_labels(selector) or 'nothing'}, but pods of Deployment "
            f"'{backend.deployment}' (route.backends.{backend.name}) have labels {join_labels(labels) or '(none)'}. "
            "With kind replicas one Service must select the pods of every backend.",
        )


def _ready_pods(slices: list[Obj]) -> set[str]:
    return {
        endpoint["targetRef"]["name"]
        for part in slices
        for endpoint in part.get("endpoints") or []
        # Absent means true: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions
        if endpoint.get("conditions", {}).get("ready", True) and endpoint.get("targetRef", {}).get("kind") == "Pod"
    }
