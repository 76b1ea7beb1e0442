# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest

from lab import kube
from tests.unit.lab.fake_api import FakeApi

OBJ: kube.Obj = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "n"}}


@pytest.mark.parametrize(
    ("api_version", "kind", "path"),
    [
        ("v1", "Namespace", "/api/v1/namespaces/a"),
        ("v1", "Service", "/api/v1/namespaces/n/services/a"),
        ("networking.k8s.io/v1", "NetworkPolicy", "/apis/networking.k8s.io/v1/namespaces/n/networkpolicies/a"),
        ("networking.k8s.io/v1", "Ingress", "/apis/networking.k8s.io/v1/namespaces/n/ingresses/a"),
        ("gateway.networking.k8s.io/v1", "Gateway", "/apis/gateway.networking.k8s.io/v1/namespaces/n/gateways/a"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", "/apis/rbac.authorization.k8s.io/v1/clusterroles/a"),
    ],
)
def test_path(api_version: str, kind: str, path: str) -> None:
    obj = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a", "namespace": "n"}}
    assert kube.path(obj) == path


def test_replace_makes_what_is_missing() -> None:
    api = FakeApi()
    kube.replace(api, OBJ)
    assert api.writes == [("PATCH", "/api/v1/namespaces/n/services/a")]


def test_replace_tries_again_when_a_controller_wrote_in_between() -> None:
    api = FakeApi(conflicts=3)
    kube.apply(api, OBJ)
    kube.replace(api, OBJ)
    assert [method for method, _ in api.writes] == ["PATCH", "PUT", "PUT", "PUT", "PUT"]


def test_replace_gives_up_on_a_writer_that_does_not_rest() -> None:
    api = FakeApi(conflicts=1000)
    kube.apply(api, OBJ)
    with pytest.raises(kube.ApiError, match="Is a rollout running"):
        kube.replace(api, OBJ)


def test_delete_of_nothing_is_done() -> None:
    kube.delete(FakeApi(), "/api/v1/namespaces/n/services/a")


def test_manifests_come_in_the_order_of_files(tmp_path: Path) -> None:
    (tmp_path / "20.yaml").write_text("---\nkind: B\n---\n# nothing\n---\nkind: C\n")
    (tmp_path / "10.yaml").write_text("---\nkind: A\n")
    assert [obj["kind"] for obj in kube.manifests(tmp_path)] == ["A", "B", "C"]
