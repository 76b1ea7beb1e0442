# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container statuses as kubelets write them, and what a person is told."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.workload.cause import NEVER, Cause
from ansible_collections.slipway.rollout.plugins.module_utils.workload.containers import container_causes

from tests.unit.store import Obj
from tests.unit.workload import builders as build

RS = build.replica_set(build.deployment())
WHERE = "container app of pod shop-canary-7d4b9-x2x1z"


def causes(*events: tuple[str, str], max_restarts: int = 1, **changes: Any) -> list[Cause]:
    pod = build.pod(RS, **changes)
    return list(container_causes(pod, [build.event(pod, *one) for one in events], max_restarts))


def only(*events: tuple[str, str], max_restarts: int = 1, **changes: Any) -> Cause:
    (cause,) = causes(*events, max_restarts=max_restarts, **changes)
    return cause


@pytest.mark.parametrize(
    ("reason", "message", "patience"),
    [
        ("ErrImagePull", "manifest unknown: not found", 0),
        ("ImagePullBackOff", 'Back-off pulling image "r/shop:2": ErrImagePull: unauthorized: log in', 0),
        ("ErrImagePull", "pull access denied, repository does not exist", 0),
        ("ErrImagePull", "dial tcp 10.0.0.1:443: i/o timeout", 20),
        ("ErrImagePull", "unexpected status: 503 Service Unavailable", 20),
        ("ImagePullBackOff", "", 20),
    ],
)
def test_an_image_that_cannot_be_pulled(reason: str, message: str, patience: float) -> None:
    cause = only(state=build.waiting(reason, message))
    assert (cause.kind, cause.patience) == ("image", patience)
    assert cause.text.startswith(f"The image registry.example/shop:2 of {WHERE} cannot be pulled")
    assert cause.text.endswith(f": {message}." if message else "pulled.")
    assert cause.facts == {"image": "registry.example/shop:2"}


def test_the_layers_of_a_runtime_s_error_are_left_out() -> None:
    image = "registry.example/shop:2"
    message = (
        f'rpc error: code = NotFound desc = failed to pull and unpack image "{image}": '
        f'failed to resolve reference "{image}": {image}: not found'
    )
    assert only(state=build.waiting("ErrImagePull", message)).text.endswith("cannot be pulled: not found.")


@pytest.mark.parametrize("reason", ["InvalidImageName", "ErrImageNeverPull"])
def test_an_image_that_can_never_be_pulled(reason: str) -> None:
    cause = only(state=build.waiting(reason, "whatever"))
    assert (cause.kind, cause.patience) == ("image", 0)
    assert "image name" in cause.text or "imagePullPolicy is Never" in cause.text


def test_a_first_crash_is_not_yet_certain_and_one_more_is() -> None:
    first = only(state=build.terminated(3), restarts=0)
    assert (first.patience, first.logs) == (NEVER, "current")
    assert first.text == "Container app of pod shop-canary-7d4b9-x2x1z exits with code 3."
    second = only(state=build.waiting("CrashLoopBackOff"), last=build.terminated(3), restarts=1)
    assert (second.patience, second.logs) == (0, "previous")
    assert second.text == "Container app of pod shop-canary-7d4b9-x2x1z exits with code 3 (2 times)."
    assert second.facts == {"exit_code": 3, "signal": None, "oom": False, "restarts": 1}


def test_how_many_restarts_are_borne_is_settable() -> None:
    assert only(state=build.terminated(3), max_restarts=0).patience == 0
    again = {"state": build.waiting("CrashLoopBackOff"), "last": build.terminated(3), "restarts": 1}
    assert only(**again, max_restarts=2).patience == NEVER


def test_a_container_that_runs_again_may_be_on_its_way() -> None:
    cause = only(last=build.terminated(3), restarts=5)
    assert (cause.patience, cause.logs) == (NEVER, "previous")


def test_a_ready_container_is_no_cause_whatever_it_went_through() -> None:
    assert causes(ready=True, last=build.terminated(3), restarts=5) == []


def test_memory() -> None:
    cause = only(state=build.terminated(137, "OOMKilled"), restarts=1)
    assert cause.kind == "oom"
    assert "used more memory than its limit of 256Mi (OOMKilled, exit code 137)" in cause.text
    assert cause.facts["oom"] is True
    assert cause.facts["signal"] == "SIGKILL"


def test_memory_without_a_limit() -> None:
    cause = only(state=build.terminated(137, "OOMKilled"), spec={"containers": [{"name": "app"}]})
    assert "than the node had" in cause.text


@pytest.mark.parametrize(
    ("died", "told"),
    [
        (build.terminated(139), "was ended by SIGSEGV (exit code 139)"),
        (build.terminated(0, "Completed"), "ended by itself with exit code 0, but a server must keep running"),
        (build.terminated(1, message="no such model\n"), "exits with code 1: no such model"),
        (build.terminated(128, "StartError", message="exec: no such file"), "could not be started: exec: no such file"),
        (build.terminated(127, "ContainerCannotRun"), "could not be started: ContainerCannotRun (exit code 127)"),
        (build.terminated(0, signal=200), "was ended by 200"),
        (build.terminated(255), "exits with code 255"),
    ],
)
def test_how_a_container_died(died: Obj, told: str) -> None:
    assert told in only(state=died).text


def test_a_probe_that_had_the_container_killed_is_named() -> None:
    killed = ("Killing", "Container app failed liveness probe, will be restarted")
    why = ("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500")
    cause = only(("Pulled", "x"), killed, why, state=build.terminated(137), restarts=1)
    assert "was killed because its liveness probe failed: HTTP probe failed with statuscode: 500" in cause.text
    # Without a word of why, the signal is all there is; another container's events are not ours.
    assert "SIGKILL" in only(killed, state=build.terminated(137)).text
    pod = build.pod(RS, state=build.terminated(137))
    others = [build.event(pod, *one, container="sidecar") for one in (killed, why)]
    assert "SIGKILL" in next(container_causes(pod, others, 1)).text


def test_a_container_that_cannot_be_started() -> None:
    cause = only(state=build.waiting("CreateContainerConfigError", 'configmap "shop" not found'))
    assert (cause.kind, cause.patience) == ("config", 15)
    assert cause.text.endswith('cannot be started (CreateContainerConfigError): configmap "shop" not found.')
    assert only(state=build.waiting("CreateContainerError")).kind == "start"


@pytest.mark.parametrize(
    "state", [build.waiting("ContainerCreating"), build.waiting("PodInitializing"), {"waiting": {}}, {}]
)
def test_a_container_that_is_being_made_is_no_cause(state: Obj) -> None:
    assert causes(state=state) == []


def test_init_containers_end_well_or_are_told() -> None:
    spec = {"initContainers": [{"name": "migrate"}], "containers": [build.CONTAINER]}
    status = {"name": "migrate", "restartCount": 1, "state": build.terminated(0, "Completed"), "ready": False}
    waiting = build.waiting("PodInitializing")
    assert causes(spec=spec, init=[status], state=waiting) == []
    failed = {**status, "state": build.waiting("CrashLoopBackOff"), "lastState": build.terminated(2)}
    assert only(spec=spec, init=[failed], state=waiting).container == "migrate"


def test_a_pod_without_status_tells_nothing() -> None:
    assert list(container_causes({"metadata": {"name": "a"}, "spec": {}}, [], 1)) == []
