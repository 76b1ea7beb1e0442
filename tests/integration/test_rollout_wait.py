# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why pods do not come, as a real cluster tells it: each cause is made, and the words that a person needs are there."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from lab import app, kube
from tests.integration.conftest import Lab
from tests.integration.module import run_module
from tests.integration.shop import within

NAMESPACE = "slipway-waits"
NAME = "continual-transformer-canary"
CORE = f"/api/v1/namespaces/{NAMESPACE}"
WHERE = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{NAME}"


@dataclass(frozen=True)
class Waits:
    """One Deployment of the demo app, made anew for each test."""

    lab: Lab

    def make(self, release: str, **changes: Any) -> None:
        """Changes go into the container; `replicas`, `pod` (its spec) and `deployment` (the spec) elsewhere."""
        declared = next(obj for obj in app.objects(self.lab.images) if obj["metadata"]["name"] == NAME)
        obj = copy.deepcopy(declared)
        obj["metadata"]["namespace"] = NAMESPACE
        obj["spec"] |= {"replicas": changes.pop("replicas", 1), **changes.pop("deployment", {})}
        spec = obj["spec"]["template"]["spec"]
        spec |= {"terminationGracePeriodSeconds": 1, "serviceAccountName": "default"} | changes.pop("pod", {})
        container = spec["containers"][0]
        container["image"] = self.lab.images.get(release, release)
        container.pop("lifecycle")
        container |= changes
        kube.delete(self.lab.api, WHERE)
        within(30, lambda: not self.lab.api.call("GET", f"{CORE}/pods")["items"])
        kube.apply(self.lab.api, obj)

    def wait(self, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        params = {"kubeconfig": str(self.lab.kubeconfig), "name": NAME, "namespace": NAMESPACE, "timeout": 30}
        return run_module("rollout_wait", params | options, check_mode=check_mode)


@pytest.fixture(scope="module")
def waits(lab: Lab) -> Iterator[Waits]:
    kube.apply(lab.api, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    (config,) = (obj for obj in app.objects(lab.images) if obj["kind"] == "ConfigMap")
    kube.apply(lab.api, {**config, "metadata": {"name": config["metadata"]["name"], "namespace": NAMESPACE}})
    within(30, lambda: kube.find(lab.api, f"{CORE}/serviceaccounts/default"))
    yield Waits(lab)
    kube.delete(lab.api, CORE)


def test_pods_that_come(waits: Waits) -> None:
    waits.make("good", replicas=2)
    found = waits.wait()
    assert found["changed"] is False
    assert found["replicas"] == {"desired": 2, "updated": 2, "ready": 2, "available": 2, "old": 0}
    assert [pod["ready"] for pod in found["pods"]] == [True, True]
    assert waits.wait()["seconds"] < 1
    assert waits.wait(check_mode=True)["replicas"]["available"] == 2


def test_a_crash(waits: Waits) -> None:
    waits.make("crashing")
    found = waits.wait()
    assert found["failed"]
    assert "exits with code 3 (2 times). Its last line: " in found["reason"]
    assert found["details"][0]["exit_code"] == 3
    assert any("cannot open model file" in line for line in found["logs"]["lines"])
    assert found["seconds"] < 15


def test_the_first_crash_where_none_is_borne(waits: Waits) -> None:
    waits.make("crashing")
    found = waits.wait(max_restarts=0)
    assert found["failed"]
    assert found["details"][0]["restarts"] <= 1
    assert found["seconds"] < 8


def test_a_probe_that_never_passes(waits: Waits) -> None:
    waits.make("never-ready")
    found = waits.wait(timeout=6)
    assert found["failed"]
    assert "The readiness probe of container app" in found["reason"]
    assert found["details"][0]["probe"] == {"kind": "readiness", "path": "/health/ready", "port": "http", "code": 503}
    assert 5 < found["seconds"] < 9
    assert found["logs"]["lines"]


@pytest.mark.parametrize(
    ("image", "told"),
    [
        ("localhost:5000/continual-transformer:nope", "cannot be pulled: not found."),
        ("localhost:5000/Continual", "is not a valid image name."),
    ],
)
def test_an_image_that_is_not_there(waits: Waits, image: str, told: str) -> None:
    waits.make(image)
    found = waits.wait()
    assert found["failed"]
    assert found["reason"].startswith(f"The image {image} of container app")
    assert found["reason"].endswith(told)
    assert found["seconds"] < 10


@pytest.mark.slow
def test_a_liveness_probe_that_kills(waits: Waits) -> None:
    probe = {"httpGet": {"path": "/nothing-there", "port": "http"}, "periodSeconds": 1, "failureThreshold": 1}
    never = {"httpGet": {"path": "/nothing-there", "port": "http"}, "periodSeconds": 1}
    waits.make("good", livenessProbe=probe, readinessProbe=never)
    found = waits.wait(timeout=40)
    assert found["failed"]
    assert "was killed because its liveness probe failed: HTTP probe failed with statuscode: 404" in found["reason"]


@pytest.mark.slow
def test_no_node_takes_it(waits: Waits) -> None:
    waits.make("good", resources={"requests": {"cpu": "999"}})
    found = waits.wait(timeout=3)
    assert found["failed"]
    assert "No node takes pod" in found["reason"]
    assert "Insufficient cpu" in found["reason"]


@pytest.mark.slow
def test_a_quota_that_is_used_up(waits: Waits) -> None:
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "spec": {"hard": {"pods": "0"}}}
    kube.apply(waits.lab.api, {**quota, "metadata": {"name": "none", "namespace": NAMESPACE}})
    try:
        waits.make("good")
        found = waits.wait(timeout=5)
    finally:
        kube.delete(waits.lab.api, f"{CORE}/resourcequotas/none")
    assert found["failed"]
    assert "The cluster refuses pods of Deployment" in found["reason"]
    assert "exceeded quota: none" in found["reason"]


def test_a_policy_that_refuses_it_at_once(waits: Waits) -> None:
    label = {"pod-security.kubernetes.io/enforce": "baseline"}
    waits.lab.api.call("PATCH", CORE, {"metadata": {"labels": label}}, "application/merge-patch+json")
    try:
        waits.make("good", securityContext={"privileged": True})
        found = waits.wait()
    finally:
        gone = dict.fromkeys(label)
        waits.lab.api.call("PATCH", CORE, {"metadata": {"labels": gone}}, "application/merge-patch+json")
    assert found["failed"]
    assert "violates PodSecurity" in found["reason"]
    assert found["seconds"] < 10


def test_a_configmap_that_is_not_there(waits: Waits) -> None:
    waits.make("good", envFrom=[{"configMapRef": {"name": "nothing"}}])
    found = waits.wait(timeout=4)
    assert found["failed"]
    assert 'configmap "nothing" not found' in found["reason"]


@pytest.mark.slow
def test_a_volume_that_is_not_there(waits: Waits) -> None:
    volume = {"name": "config", "configMap": {"name": "nothing"}}
    waits.make("good", pod={"volumes": [volume]})
    found = waits.wait(timeout=6)
    assert found["failed"]
    assert 'configmap "nothing" not found' in found["reason"]


def test_a_deployment_that_is_paused(waits: Waits) -> None:
    waits.make("good", deployment={"paused": True})
    found = waits.wait()
    assert found["failed"]
    assert "is paused" in found["reason"]
    assert found["seconds"] < 1


def test_a_deployment_that_is_not_there(waits: Waits) -> None:
    found = waits.wait(name="nothing")
    assert found["failed"]
    assert f"There are: {NAME}" in found["msg"]
