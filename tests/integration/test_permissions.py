# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ServiceAccount with exactly the permissions that preflight asks for can do everything that a rollout does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import kube
from tests.integration.configured import config_of, configured
from tests.integration.conftest import Lab
from tests.integration.module import run_module
from tests.integration.playbook import Run
from tests.integration.release import NAME, NAMESPACE, Release
from tests.integration.rolling import Rolling
from tests.integration.slots import Slots

GROUPS = {
    "leases": "coordination.k8s.io",
    **dict.fromkeys(("daemonsets", "deployments", "replicasets", "statefulsets", "controllerrevisions"), "apps"),
    "horizontalpodautoscalers": "autoscaling",
    "poddisruptionbudgets": "policy",
    "endpointslices": "discovery.k8s.io",
    "virtualservices": "networking.istio.io",
    "httproutes": "gateway.networking.k8s.io",
}
RBAC = "rbac.authorization.k8s.io/v1"
ACCOUNT = "releaser"


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account of a test is the only one that its runs find."""
    monkeypatch.delenv("K8S_AUTH_KUBECONFIG", raising=False)
    monkeypatch.delenv("KUBECONFIG", raising=False)


def route(kind: str) -> dict[str, Any]:
    key = "deployment" if kind == "replicas" else "service"
    backends = {name: {key: f"{NAME}-{arm}"} for name, arm in (("stable", "main"), ("canary", "canary"))}
    return {"kind": kind, "name": f"{NAME}-shared" if kind == "replicas" else NAME, "backends": backends}


def asked_for(lab: Lab, module: str, params: dict[str, Any]) -> list[str]:
    """What a module lists, asked by somebody who may do everything."""
    found = run_module(module, {"kubeconfig": str(lab.kubeconfig), **params})
    assert not found.get("failed"), found
    allowed: list[str] = found["permissions"]["allowed"]
    return allowed


def wanted(lab: Lab, kind: str) -> list[str]:
    params = {
        "namespace": NAMESPACE,
        "image": f"{lab.registry}/{NAME}:good-2",
        "stable": f"{NAME}-main",
        "canary": f"{NAME}-canary",
        "route": route(kind),
    }
    return asked_for(lab, "preflight", params)


def account(lab: Lab, permissions: list[str], namespace: str = NAMESPACE) -> dict[str, Any]:
    """The connection of a ServiceAccount with these permissions and no others."""
    pairs = [permission.split(" ") for permission in permissions]
    rules = [
        {"apiGroups": [GROUPS.get(resource.split("/")[0], "")], "resources": [resource], "verbs": [verb]}
        for verb, resource in pairs
    ]
    meta = {"name": ACCOUNT, "namespace": namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": ACCOUNT}
    subject = {"kind": "ServiceAccount", **meta}
    for api_version, kind, content in (
        ("v1", "ServiceAccount", {}),
        (RBAC, "Role", {"rules": rules}),
        (RBAC, "RoleBinding", {"roleRef": role, "subjects": [subject]}),
    ):
        kube.replace(lab.api, {"apiVersion": api_version, "kind": kind, "metadata": meta, **content})
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    where = f"/api/v1/namespaces/{namespace}/serviceaccounts/{ACCOUNT}/token"
    token = lab.api.call("POST", where, body)["status"]["token"]
    return {"host": "https://127.0.0.1:6443", "ca_cert": str(lab.config.pki / "ca.crt"), "api_key": token}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["httproute", "replicas", "virtualservice"])
def test_what_preflight_asks_for_is_enough_and_without_it_nothing_begins(lab: Lab, opened: Release, kind: str) -> None:
    opened.open()
    permissions = wanted(lab, kind)
    before = opened.versions()
    refused = opened.roll("good-2", route=kind, slipway_cluster=account(lab, permissions[:2]))
    assert refused.code == 2
    assert "slipway_permissions" not in refused.line("Why")
    assert "these credentials may not " in refused.line("Why")
    assert opened.versions().keys() == before.keys()
    cluster = account(lab, permissions)
    with opened.users(kind) as users:
        good = opened.roll("good-2", route=kind, slipway_cluster=cluster)
        bad = opened.roll("failing", route=kind, slipway_cluster=cluster)
    assert good.code == 0, good.said
    assert bad.code == 2, bad.said
    assert "requests" in bad.line("Why")
    assert "failing" in users.releases
    assert opened.live("main") == opened.images["good-2"]
    for run in (refused, good, bad):
        assert cluster["api_key"] not in run.said


def refused(run: Run, *told: str) -> None:
    assert run.code == 2, run.said
    assert "nothing was changed" in run.line("Live")
    assert "these credentials may not " in run.line("Why")
    for one in told:
        assert one in run.line("Why")


@pytest.fixture
def rolling(lab: Lab, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Rolling]:
    rolling = Rolling(lab.api, lab.images, lab.load_program(), tmp_path, request.param, "permissions-rolling")
    rolling.open()
    yield rolling
    rolling.close()


@pytest.mark.slow
@pytest.mark.parametrize("rolling", ["Deployment", "StatefulSet"], indirect=True)
def test_a_rolling_update_and_a_configuration_need_what_they_ask_for(lab: Lab, rolling: Rolling) -> None:
    where, kinds = {"namespace": rolling.namespace}, [{"kind": rolling.kind, "name": rolling.name}]
    files = [{"name": "any.yml", "content": "api: {port: 8000}"}]
    config = {**where, "app": rolling.name, "files": files, "workloads": kinds}
    permissions = [
        *asked_for(
            lab,
            "rolling_preflight",
            {
                **where,
                "kind": rolling.kind,
                "name": rolling.name,
                "image": rolling.image("good-2"),
                "service": rolling.name,
                "service_proxy": True,
            },
        ),
        *asked_for(lab, "configuration", config | {"names": [{"name": "API_KEY", "value": "x"}]}),
        *asked_for(lab, "configuration", {**where, "app": rolling.name, "state": "cleared"}),
    ]
    # Nobody's users are here; a check would find no requests.
    variables = {**configured(8), "slipway_canary": "{{ undef() }}", "slipway_checks": []}
    before = rolling.get()["metadata"]["generation"]
    for missing in ("create secrets", "patch leases"):
        cluster = account(lab, [one for one in permissions if one != missing], rolling.namespace)
        refused(rolling.roll("good-2", **variables, slipway_cluster=cluster), missing)
    assert rolling.get()["metadata"]["generation"] == before
    rolling.open()  # the lock that could not be given back
    cluster = account(lab, permissions, rolling.namespace)
    good = rolling.roll("good-2", **variables, slipway_cluster=cluster)
    assert good.code == 0, good.said
    assert "Former configurations stay for now" not in good.said
    assert rolling.live() == rolling.images["good-2"]
    released = config_of(rolling.get(), rolling.name)
    assert released
    back = rolling.play("rollback", rolling.wanted("good-2", **variables, slipway_cluster=cluster))
    assert back.code == 0, back.said
    bad = rolling.roll("crashing", **variables, slipway_cluster=cluster)
    assert bad.code == 2, bad.said
    assert "exits with code 3" in bad.line("Why")
    assert (rolling.live(), config_of(rolling.get(), rolling.name)) == (rolling.images["good"], "")


@pytest.fixture
def slots(lab: Lab, tmp_path: Path) -> Iterator[Slots]:
    slots = Slots(lab.api, lab.images, lab.load_program(), tmp_path, "permissions-slots")
    slots.open()
    yield slots
    slots.close()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["service", "httproute"])
def test_blue_green_needs_what_it_asks_for(lab: Lab, slots: Slots, kind: str) -> None:
    params = {
        "namespace": slots.namespace,
        "image": f"{lab.registry}/{NAME}:good-2",
        "switch": slots.switch(kind),
        "preview": f"{NAME}-preview",
        "service_proxy": True,
    }
    permissions = asked_for(lab, "slot_preflight", params)
    preview = {"slipway_preview": f"{NAME}-preview"}
    cluster = account(lab, [one for one in permissions if one != "patch services"], slots.namespace)
    refused(slots.roll("good-2", kind=kind, slipway_cluster=cluster, **preview), "patch services")
    assert slots.holds("green") == (slots.images["good"], 0)
    cluster = account(lab, permissions, slots.namespace)
    with slots.users(kind) as users:
        good = slots.roll("good-2", kind=kind, slipway_cluster=cluster, **preview)
        back = slots.play("rollback", slots.variables("good-2", kind, slipway_cluster=cluster))
        bad = slots.roll("failing", kind=kind, slipway_cluster=cluster, **preview)
    assert good.code == 0, good.said
    assert back.code == 0, back.said
    assert bad.code == 2, bad.said
    assert "failing" in users.releases
    assert slots.live(kind) == "blue"
