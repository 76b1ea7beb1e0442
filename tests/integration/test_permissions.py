# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ServiceAccount with exactly the permissions that preflight asks for can do everything that a rollout does."""

from __future__ import annotations

from typing import Any

import pytest

from lab import kube
from tests.integration.conftest import Lab
from tests.integration.module import run_module
from tests.integration.release import NAME, NAMESPACE, Release
from tests.integration.slow import slow

GROUPS = {
    "leases": "coordination.k8s.io",
    **dict.fromkeys(("deployments", "replicasets"), "apps"),
    "horizontalpodautoscalers": "autoscaling",
    "poddisruptionbudgets": "policy",
    "endpointslices": "discovery.k8s.io",
    "virtualservices": "networking.istio.io",
    "httproutes": "gateway.networking.k8s.io",
}
RBAC = "rbac.authorization.k8s.io/v1"
ACCOUNT = "releaser"
TOKEN = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{ACCOUNT}/token"


def route(kind: str) -> dict[str, Any]:
    key = "deployment" if kind == "replicas" else "service"
    backends = {name: {key: f"{NAME}-{arm}"} for name, arm in (("stable", "main"), ("canary", "canary"))}
    return {"kind": kind, "name": f"{NAME}-shared" if kind == "replicas" else NAME, "backends": backends}


def wanted(lab: Lab, kind: str) -> list[str]:
    """What preflight lists, asked by somebody who may do everything."""
    params = {
        "kubeconfig": str(lab.kubeconfig),
        "namespace": NAMESPACE,
        "image": f"{lab.registry}/{NAME}:good-2",
        "stable": f"{NAME}-main",
        "canary": f"{NAME}-canary",
        "route": route(kind),
    }
    found = run_module("preflight", params)
    assert not found.get("failed"), found
    allowed: list[str] = found["permissions"]["allowed"]
    return allowed


def account(lab: Lab, permissions: list[str]) -> dict[str, Any]:
    """The connection of a ServiceAccount with these permissions and no others."""
    pairs = [permission.split(" ") for permission in permissions]
    rules = [
        {"apiGroups": [GROUPS.get(resource.split("/")[0], "")], "resources": [resource], "verbs": [verb]}
        for verb, resource in pairs
    ]
    meta = {"name": ACCOUNT, "namespace": NAMESPACE}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": ACCOUNT}
    subject = {"kind": "ServiceAccount", **meta}
    for api_version, kind, content in (
        ("v1", "ServiceAccount", {}),
        (RBAC, "Role", {"rules": rules}),
        (RBAC, "RoleBinding", {"roleRef": role, "subjects": [subject]}),
    ):
        kube.replace(lab.api, {"apiVersion": api_version, "kind": kind, "metadata": meta, **content})
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    token = lab.api.call("POST", TOKEN, body)["status"]["token"]
    return {"host": "https://127.0.0.1:6443", "ca_cert": str(lab.config.pki / "ca.crt"), "api_key": token}


@pytest.mark.parametrize("kind", ["httproute", slow("replicas"), slow("virtualservice")])
def test_what_preflight_asks_for_is_enough_and_without_it_nothing_begins(
    lab: Lab, opened: Release, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("K8S_AUTH_KUBECONFIG", raising=False)
    monkeypatch.delenv("KUBECONFIG", raising=False)
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
