# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Terraform module with the real provider: its native tests, and an app that is provisioned while it is rolled out.

The provider comes from where Terraform finds it: the registry, or a mirror that TF_CLI_CONFIG_FILE names. Where there
is neither, these tests are skipped and say so.
"""

from __future__ import annotations

import base64
import copy
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import kube
from tests.integration.conftest import Lab
from tests.integration.module import run_module
from tests.integration.shop import MERGE, entries, within
from tests.integration.terraform_runs import ROOT, Project, program

pytestmark = pytest.mark.slow  # needs a provider, and applies for real

NAMESPACE = "terraform-app"
STATES = "terraform-states"
NAME = "continual-transformer"
APPS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
SERVICE = f"/api/v1/namespaces/{NAMESPACE}/services/{NAME}"
HPA = f"/apis/autoscaling/v2/namespaces/{NAMESPACE}/horizontalpodautoscalers/{NAME}-hpa"
ROUTE = f"/apis/networking.istio.io/v1/namespaces/{NAMESPACE}/virtualservices/{NAME}"
SECRETS = {"database_url": "postgresql://app:correct-horse@db:5432/app", "api_key": "battery-staple"}
NOT_RUN = (
    "NOT RUN: the provider hashicorp/kubernetes is not to be had here, so the Terraform module was not validated, not "
    "tested and not applied. Name a mirror of providers in TF_CLI_CONFIG_FILE, or let Terraform reach its registry."
)
STRATEGIC = "application/strategic-merge-patch+json"


def terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program(), *arguments], cwd=folder, capture_output=True, text=True, timeout=300, check=False, env=os.environ
    )


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the module with the provider at hand."""
    folder = tmp_path_factory.mktemp("terraform") / "module"
    shutil.copytree(ROOT / "terraform", folder, ignore=shutil.ignore_patterns(".terraform*"))
    done = terraform(folder, "init", "-no-color", "-input=false")
    if "could not connect to" in done.stderr:
        pytest.skip(NOT_RUN)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def project(lab: Lab, module: Path) -> Iterator[Project]:
    """The example, its state in the cluster, nothing provisioned yet."""
    for name in (NAMESPACE, STATES):
        where = f"/api/v1/namespaces/{name}"
        kube.delete(lab.api, where)
        within(90, lambda where=where: kube.find(lab.api, where) is None)  # type: ignore[misc]
    kube.apply(lab.api, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": STATES}})
    yield Project(module / "examples" / "production", lab.kubeconfig, STATES, SECRETS)
    for name in (NAMESPACE, STATES):
        kube.delete(lab.api, f"/api/v1/namespaces/{name}")


def variables(lab: Lab, **changes: Any) -> dict[str, Any]:
    repository, _at, digest = lab.images["good"].partition("@")
    quick = {"initial_delay_seconds": 1, "period_seconds": 1}
    return {
        "kubeconfig": str(lab.kubeconfig),
        "namespace": NAMESPACE,
        "image_repository": repository,
        "image_digest": digest,
        "image_pull_secrets": [],
        "database_host": "db",
        "redis_host": "redis",
        "replica_count": 2,
        "min_replicas": 2,
        "max_replicas": 4,
        "cpu_request": "10m",
        "cpu_limit": None,
        "memory_request": "32Mi",
        "memory_limit": "256Mi",
        "pre_stop_command": [],
        "termination_grace_period_seconds": 1,
        "liveness_probe": quick,
        "readiness_probe": quick,
        "route": {"kind": "virtualservice", "hosts": [f"{NAMESPACE}.vs.lab"], "gateway": "istio-system/gateway"},
        **changes,
    }


def deployment(lab: Lab, arm: str) -> kube.Obj:
    return lab.api.call("GET", f"{APPS}/{NAME}-{arm}")


def pod_spec(lab: Lab, arm: str) -> Any:
    return deployment(lab, arm)["spec"]["template"]["spec"]


def owned(lab: Lab) -> dict[str, Any]:
    """All that belongs to a rollout."""
    found: dict[str, Any] = {}
    for arm in ("main", "canary", "green"):
        obj = deployment(lab, arm)
        spec = obj["spec"]["template"]["spec"]
        found[arm] = {
            "replicas": obj["spec"]["replicas"],
            "image": spec["containers"][0]["image"],
            "configuration": [spec["containers"][0]["envFrom"], spec["volumes"]],
            "notes": {
                key: value
                for key, value in obj["metadata"].get("annotations", {}).items()
                if key.startswith("slipway.rollout/")
            },
        }
    service, hpa = lab.api.call("GET", SERVICE), lab.api.call("GET", HPA)
    found["selector"] = service["spec"]["selector"]
    found["before"] = service["metadata"].get("annotations", {}).get("slipway.rollout/former-slot")
    found["floor"] = hpa["spec"]["minReplicas"]
    found["floor before"] = hpa["metadata"].get("annotations", {}).get("slipway.rollout/former-min-replicas")
    found["weights"] = [entry.get("weight", 0) for entry in entries(lab.api.call("GET", ROUTE))]
    return found


def test_module_and_example_are_valid(module: Path) -> None:
    for folder in (module, module / "examples" / "production"):
        done = terraform(folder, "init", "-no-color", "-input=false", "-backend=false")
        assert done.returncode == 0, done.stderr
        done = terraform(folder, "validate", "-no-color")
        assert done.returncode == 0, done.stderr
        assert "Warning" not in done.stdout


def test_native_tests_pass(module: Path) -> None:
    done = terraform(module, "test", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 failed" in done.stdout


def test_app_is_provisioned_and_then_nothing_is_left_to_do(lab: Lab, project: Project) -> None:
    first = project.run(variables(lab))
    assert (first.code, first.changed) == (0, 1), first.said
    assert all(secret not in first.said for secret in SECRETS.values())
    assert deployment(lab, "main")["status"]["readyReplicas"] == 2
    assert pod_spec(lab, "green") == pod_spec(lab, "main") == pod_spec(lab, "canary")

    secret = lab.api.call("GET", f"/api/v1/namespaces/{NAMESPACE}/secrets/{NAME}-secrets")["data"]
    assert base64.b64decode(secret["DATABASE_URL"]).decode() == SECRETS["database_url"]
    given = lab.api.call("GET", f"/api/v1/namespaces/{NAMESPACE}/configmaps/{NAME}-env")["data"]
    assert given == {"ENVIRONMENT": "production", "DB_HOST": "db", "REDIS_HOST": "redis", "ALLOWED_ORIGINS": ""}
    labels = lab.api.call("GET", f"/api/v1/namespaces/{NAMESPACE}")["metadata"]["labels"]
    assert (labels["environment"], labels["application"]) == ("production", "continual-tiny-transformer")
    hpa = lab.api.call("GET", HPA)["spec"]
    assert [metric["resource"]["name"] for metric in hpa["metrics"]] == ["cpu", "memory"]

    second = project.run(variables(lab))
    assert (second.code, second.changed) == (0, 0), second.said


def test_other_secret_reaches_the_cluster(lab: Lab, project: Project) -> None:
    changed = project.run(variables(lab), secrets={**SECRETS, "api_key": "another-staple"})
    assert (changed.code, changed.changed) == (0, 1), changed.said
    secret = lab.api.call("GET", f"/api/v1/namespaces/{NAMESPACE}/secrets/{NAME}-secrets")["data"]
    assert base64.b64decode(secret["API_KEY"]).decode() == "another-staple"
    assert project.run(variables(lab)).changed == 1  # and back, for the tests that follow


def amid_a_rollout(lab: Lab) -> None:
    """What belongs to rollouts is written as they do it: a canary at 25 %, green live, a raised floor."""
    good2 = lab.images["good-2"]
    backends = {"stable": {"service": f"{NAME}-main"}, "canary": {"service": f"{NAME}-canary"}}
    route = {"kind": "virtualservice", "name": NAME, "rule": "primary", "backends": backends}
    weight = {"namespace": NAMESPACE, "route": route, "split": {"stable": 75, "canary": 25}, "observe": False}
    release = {"containers": [{"name": "app", "image": good2}]}
    config = lab.api.call("GET", f"/api/v1/namespaces/{NAMESPACE}/configmaps/{NAME}-config")
    other = copy.deepcopy(config) | {"metadata": {"name": f"{NAME}-config-1a2b3c", "namespace": NAMESPACE}}
    kube.apply(lab.api, other | {"apiVersion": "v1", "kind": "ConfigMap"})
    moved = {"volumes": [{"name": "config", "configMap": {"name": f"{NAME}-config-1a2b3c"}}]}
    notes = {"metadata": {"annotations": {"slipway.rollout/image": good2}}}
    for arm, spec in (
        ("canary", {"replicas": 1, "template": {"spec": release | moved}}),
        ("main", {"replicas": 3, "template": {"spec": release}}),
        ("green", {"replicas": 1}),
    ):
        lab.api.call("PATCH", f"{APPS}/{NAME}-{arm}", {**notes, "spec": spec}, STRATEGIC)
    run_module("canary_weight", {**weight, "kubeconfig": str(lab.kubeconfig)})
    before = {"annotations": {"slipway.rollout/former-slot": "blue"}}
    lab.api.call("PATCH", SERVICE, {"metadata": before, "spec": {"selector": {"slot": "green"}}}, MERGE)
    floor = {"annotations": {"slipway.rollout/former-min-replicas": "2"}}
    lab.api.call("PATCH", HPA, {"metadata": floor, "spec": {"minReplicas": 3}}, MERGE)


def test_apply_leaves_a_rollout_as_it_is(lab: Lab, project: Project) -> None:
    amid_a_rollout(lab)
    left = owned(lab)
    assert left["weights"] == [75, 25]
    nothing = project.run(variables(lab))
    assert (nothing.code, nothing.changed) == (0, 0), nothing.said
    assert owned(lab) == left


def test_apply_of_a_change_leaves_a_rollout_as_it_is(lab: Lab, project: Project) -> None:
    """Terraform writes the Deployments, the HPA and the route anew, and still what belongs to rollouts stays."""
    amid_a_rollout(lab)
    left = owned(lab)
    hosts = [f"{NAMESPACE}.vs.lab", f"{NAMESPACE}-2.vs.lab"]
    route = {"kind": "virtualservice", "hosts": hosts, "gateway": "istio-system/gateway"}
    changes = {"memory_limit": "300Mi", "max_replicas": 5, "route": route, "image_digest": None, "image_tag": "other"}
    done = project.run(variables(lab, **changes, wait_for_rollout=False))
    assert (done.code, done.changed) == (0, 1), done.said
    assert owned(lab) == left
    limits = {arm: pod_spec(lab, arm)["containers"][0]["resources"]["limits"]["memory"] for arm in ("main", "canary")}
    assert limits == {"main": "300Mi", "canary": "300Mi"}
    assert lab.api.call("GET", HPA)["spec"]["maxReplicas"] == 5
    assert lab.api.call("GET", ROUTE)["spec"]["hosts"] == hosts
    again = project.run(variables(lab, **changes, wait_for_rollout=False))
    assert (again.code, again.changed) == (0, 0), again.said


def test_plan_from_before_a_rollout_moved_on_is_stale(lab: Lab, project: Project) -> None:
    """Else what Terraform writes whole would take the image back that it had read when it planned."""
    changes = {"memory_limit": "310Mi", "wait_for_rollout": False}
    assert project.run(variables(lab, **changes), step="plan").code == 0
    failing = {"containers": [{"name": "app", "image": lab.images["good"]}]}
    lab.api.call("PATCH", f"{APPS}/{NAME}-canary", {"spec": {"template": {"spec": failing}}}, STRATEGIC)
    left = owned(lab)
    refused = project.run(variables(lab, **changes), step="apply")
    assert refused.code != 0
    assert "is stale" in refused.line("Why"), refused.said
    assert owned(lab) == left
