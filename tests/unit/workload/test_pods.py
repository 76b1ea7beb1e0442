# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pods and their events tell, and for how long it must stand to be certain."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.workload.cause import NEVER, Cause
from ansible_collections.slipway.rollout.plugins.module_utils.workload.pods import pod_causes

from tests.unit.store import Obj
from tests.unit.workload import builders as build

RS = build.replica_set(build.deployment())
NAME = "shop-canary-7d4b9-x2x1z"
CREATING = build.waiting("ContainerCreating")


def causes(*events: tuple[str, str], **changes: Any) -> list[Cause]:
    pod = build.pod(RS, **changes)
    return list(pod_causes(pod, [build.event(pod, *one) for one in events]))


def unscheduled(reason: str = "Unschedulable") -> dict[str, Any]:
    message = "0/1 nodes are available: 1 Insufficient cpu."
    condition = {"type": "PodScheduled", "status": "False", "reason": reason, "message": message}
    return {"phase": "Pending", "conditions": [condition], "status": {"containerStatuses": []}}


@pytest.mark.parametrize(
    ("events", "patience"),
    [
        ((), 60),
        ((("TriggeredScaleUp", "pod triggered scale-up"),), NEVER),
        ((("Nominated", "Pod should schedule on: nodeclaim/a"),), NEVER),
        ((("NotTriggerScaleUp", "pod didn't trigger scale-up"),), 0),
    ],
)
def test_no_node(events: tuple[tuple[str, str], ...], patience: float) -> None:
    (cause,) = causes(*events, **unscheduled())
    assert (cause.kind, cause.patience) == ("unschedulable", patience)
    assert cause.text == f"No node takes pod {NAME}: 0/1 nodes are available: 1 Insufficient cpu."


def test_a_scheduling_gate() -> None:
    (cause,) = causes(**unscheduled("SchedulingGated"))
    assert (cause.kind, cause.patience) == ("unschedulable", NEVER)
    assert "held back by a scheduling gate" in cause.text


def test_an_evicted_pod() -> None:
    (cause,) = causes(phase="Failed", status={"reason": "Evicted", "message": "The node was low on memory."})
    assert cause.text == f"Pod {NAME} failed (Evicted): The node was low on memory."
    (cause,) = causes(phase="Failed")
    assert cause.text == f"Pod {NAME} failed (no reason given): no message."


@pytest.mark.parametrize(
    ("message", "patience"),
    [
        ('MountVolume.SetUp failed for volume "config" : configmap "shop-config" not found', 15),
        ("Unable to attach or mount volumes: timed out waiting for the condition", NEVER),
    ],
)
def test_a_volume(message: str, patience: float) -> None:
    (cause,) = causes(("FailedMount", message), state=CREATING)
    assert (cause.kind, cause.patience) == ("volume", patience)
    assert message in cause.text


def test_a_node_that_cannot_set_up_the_pod_and_one_that_says_nothing() -> None:
    (cause,) = causes(("Pulling", "x"), ("FailedCreatePodSandBox", "plugin type bridge failed"), state=CREATING)
    assert (cause.kind, cause.patience) == ("sandbox", NEVER)
    assert causes(("Scheduled", "to node a"), state=CREATING) == []


@pytest.mark.parametrize(
    ("message", "told", "facts"),
    [
        (
            "Readiness probe failed: HTTP probe failed with statuscode: 503",
            "GET /health/ready on port http answers 503",
            {"kind": "readiness", "path": "/health/ready", "port": "http", "code": 503},
        ),
        (
            'Readiness probe failed: Get "http://10.0.0.7:8000/health/ready": connection refused',
            'GET /health/ready on port http: Get "http://10.0.0.7:8000/health/ready": connection refused',
            {"kind": "readiness", "path": "/health/ready", "port": "http"},
        ),
        ("Startup probe errored: rpc error", "probe of container app in pod", {"kind": "startup"}),
    ],
)
def test_a_failing_probe_is_certain_only_when_time_is_up(message: str, told: str, facts: Obj) -> None:
    (cause,) = causes(("Unhealthy", message))
    assert (cause.kind, cause.patience, cause.logs) == ("probe", NEVER, "current")
    assert told in cause.text
    assert cause.facts["probe"] == facts


@pytest.mark.parametrize(
    ("probe", "message", "told", "facts"),
    [
        ({"tcpSocket": {"port": 8000}}, "dial tcp: refused", "fails: dial tcp: refused.", {"port": 8000}),
        ({"grpc": {"port": 9000}}, "timeout", "fails: timeout.", {"port": 9000}),
        ({"exec": {"command": ["test", "-e", "x"]}}, "exit 1", "fails: test -e x: exit 1.", {"command": "test -e x"}),
    ],
)
def test_probes_of_other_kinds(probe: Obj, message: str, told: str, facts: Obj) -> None:
    spec = {"containers": [{"name": "app", "readinessProbe": probe}]}
    (cause,) = causes(("Unhealthy", f"Readiness probe failed: {message}"), spec=spec)
    assert told in cause.text
    assert cause.facts["probe"] == {"kind": "readiness", **facts}


def test_the_newest_word_of_a_probe_counts() -> None:
    pod = build.pod(RS)
    old = build.event(pod, "Unhealthy", "Readiness probe failed: refused", at="2027-01-15T08:00:01Z")
    new = build.event(pod, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500")
    (cause,) = pod_causes(pod, [old, new])
    assert "answers 500" in cause.text


def test_what_is_not_about_this_container_is_no_cause() -> None:
    pod = build.pod(RS)
    assert list(pod_causes(pod, [build.event(pod, "Unhealthy", "Readiness probe failed: x", container="other")])) == []
    assert causes(("Unhealthy", "something else")) == []
    assert causes(ready=True) == []


def test_a_pod_whose_other_container_is_ready() -> None:
    pod = build.pod(RS)
    pod["status"]["containerStatuses"].append({"name": "sidecar", "ready": True, "state": {"running": {}}})
    (cause,) = pod_causes(pod, [build.event(pod, "Unhealthy", "Readiness probe failed: x", container="")])
    assert cause.container == "app"


def test_what_a_volume_claim_waits_for_is_told_with_the_schedulers_words() -> None:
    message = "pod has unbound immediate PersistentVolumeClaims"
    waiting = build.pod(RS, conditions=[{"type": "PodScheduled", "status": "False", "message": message}])
    claim = {
        "involvedObject": {"kind": "PersistentVolumeClaim", "name": "data-0"},
        "reason": "ProvisioningFailed",
        "message": 'storageclass.storage.k8s.io "fast" not found',
    }
    (cause,) = pod_causes(waiting, (claim,))
    assert cause.text.endswith('PersistentVolumeClaim data-0: storageclass.storage.k8s.io "fast" not found.')
