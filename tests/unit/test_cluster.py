# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Cluster makes of requests and answers; the answers have the API server's own shape."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils import cluster as api


@dataclass
class Answers:
    """A Transport that gives prepared answers and remembers what it was asked."""

    status: int = 200
    body: Any = field(default_factory=dict)
    lines: list[Any] = field(default_factory=list)
    asked: list[tuple[str, str, Any, dict[str, str], float]] = field(default_factory=list)

    def request(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], timeout: float
    ) -> tuple[int, bytes]:
        self.asked.append((method, path, json.loads(body) if body else None, dict(headers), timeout))
        return self.status, self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()

    def stream(self, path: str, timeout: float) -> Iterator[bytes]:
        self.asked.append(("WATCH", path, None, {}, timeout))
        yield from (json.dumps(line).encode() for line in self.lines)


def query(path: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(path).query)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (api.POD, "/api/v1/namespaces/shop/pods/a"),
        (api.VIRTUAL_SERVICE, "/apis/networking.istio.io/v1/namespaces/shop/virtualservices/a"),
    ],
)
def test_get_asks_for_the_path_of_the_kind(kind: api.Kind, path: str) -> None:
    answers = Answers(body={"metadata": {"name": "a"}})
    assert api.Cluster(answers).get(kind, "shop", "a") == {"metadata": {"name": "a"}}
    assert answers.asked[0][:2] == ("GET", path)


def test_api_version_is_written_as_manifests_write_it() -> None:
    assert (api.POD.api_version, api.DEPLOYMENT.api_version) == ("v1", "apps/v1")


def test_find_turns_a_missing_object_into_none_and_get_into_an_error() -> None:
    answers = Answers(404, {"reason": "NotFound", "message": 'deployments.apps "a" not found'})
    cluster = api.Cluster(answers)
    assert cluster.find(api.DEPLOYMENT, "shop", "a") is None
    with pytest.raises(api.NotFound, match='deployments.apps "a" not found') as caught:
        cluster.get(api.DEPLOYMENT, "shop", "a")
    assert (caught.value.status, caught.value.reason) == (404, "NotFound")


def test_list_adds_the_kind_that_the_api_leaves_out_of_items() -> None:
    answers = Answers(body={"items": [{"metadata": {"name": "a"}}]})
    found = api.Cluster(answers).list(api.POD, "shop", labels="app=a", fields="status.phase=Running")
    assert found == [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}]
    assert query(answers.asked[0][1]) == {"labelSelector": ["app=a"], "fieldSelector": ["status.phase=Running"]}


def test_list_of_nothing_is_empty() -> None:
    assert api.Cluster(Answers(body={"items": None})).list(api.POD, "shop") == []


@pytest.mark.parametrize("dry_run", [False, True])
def test_writes_name_their_field_manager_and_dry_run(dry_run: bool) -> None:
    answers = Answers()
    cluster = api.Cluster(answers)
    cluster.create(api.LEASE, "shop", {"a": 1}, dry_run=dry_run)
    cluster.patch(api.LEASE, "shop", "x", [{"op": "test"}], content_type=api.JSON_PATCH, dry_run=dry_run)
    cluster.delete(api.LEASE, "shop", "x", dry_run=dry_run)
    dry = {"dryRun": ["All"]} if dry_run else {}
    assert [asked[0] for asked in answers.asked] == ["POST", "PATCH", "DELETE"]
    assert [query(asked[1]) for asked in answers.asked] == [
        {"fieldManager": ["slipway"], **dry},
        {"fieldManager": ["slipway"], **dry},
        dry,
    ]
    assert answers.asked[1][3]["Content-Type"] == "application/json-patch+json"


def test_patch_of_a_subresource() -> None:
    answers = Answers()
    api.Cluster(answers).patch(api.DEPLOYMENT, "shop", "a", {"spec": {"replicas": 2}}, subresource="scale")
    assert urlsplit(answers.asked[0][1]).path == "/apis/apps/v1/namespaces/shop/deployments/a/scale"
    assert answers.asked[0][2] == {"spec": {"replicas": 2}}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, api.Forbidden),
        (403, api.Forbidden),
        (404, api.NotFound),
        (409, api.Conflict),
        (422, api.ApiError),
        (429, api.ApiError),
        (500, api.ServerError),
        (504, api.ServerError),
    ],
)
def test_each_status_is_an_error_of_its_own(status: int, error: type[api.ApiError]) -> None:
    with pytest.raises(api.ApiError) as caught:
        api.Cluster(Answers(status, {"reason": "R", "message": "why"})).get(api.POD, "shop", "a")
    assert caught.type is error
    assert f"why (HTTP {status})" in str(caught.value)


@pytest.mark.parametrize(
    ("page", "said"), [(b"<h1>Bad Gateway</h1>", "Bad Gateway"), (b"", "no message"), (b"[]", "[]")]
)
def test_a_proxys_error_page_is_quoted(page: bytes, said: str) -> None:
    with pytest.raises(api.ServerError, match=said.replace("[", r"\[")):
        api.Cluster(Answers(502, page)).get(api.POD, "shop", "a")


@pytest.mark.parametrize("page", [b"<html>", b"[1]"])
def test_an_answer_that_is_no_object_counts_as_no_answer(page: bytes) -> None:
    with pytest.raises(api.Unanswered, match="not"):
        api.Cluster(Answers(200, page)).get(api.POD, "shop", "a")


def test_pod_metrics_go_through_the_api_servers_proxy() -> None:
    answers = Answers(body=b"up 1\n")
    assert api.Cluster(answers).pod_metrics("shop", "a-1", 9090, "/metrics", timeout=0.5) == "up 1\n"
    assert answers.asked[0][1] == "/api/v1/namespaces/shop/pods/a-1:9090/proxy/metrics"
    assert answers.asked[0][4] == 0.5


def test_watch_yields_events_from_the_given_version() -> None:
    answers = Answers(lines=[{"type": "MODIFIED", "object": {"metadata": {"name": "a"}}}])
    events = list(
        api.Cluster(answers).watch(api.DEPLOYMENT, "shop", fields="metadata.name=a", resource_version="7", timeout=0.2)
    )
    assert events == [api.Event("MODIFIED", {"metadata": {"name": "a"}})]
    assert query(answers.asked[0][1]) == {
        "fieldSelector": ["metadata.name=a"],
        "watch": ["true"],
        "timeoutSeconds": ["1"],
        "resourceVersion": ["7"],
    }


def test_watch_of_a_version_that_is_too_old_is_an_error() -> None:
    answers = Answers(lines=[{"type": "ERROR", "object": {"code": 410, "reason": "Expired", "message": "too old"}}])
    with pytest.raises(api.ApiError, match="too old") as caught:
        list(api.Cluster(answers).watch(api.POD, "shop", timeout=1))
    assert caught.value.status == 410


@pytest.mark.parametrize(("status", "allowed"), [({"allowed": True}, True), ({"allowed": False}, False), ({}, False)])
def test_may_asks_for_this_very_access(status: dict[str, bool], allowed: bool) -> None:
    answers = Answers(body={"status": status})
    assert api.Cluster(answers).may("get", api.POD, "shop", name="a", subresource="proxy") is allowed
    assert answers.asked[0][2]["spec"]["resourceAttributes"] == {
        "verb": "get",
        "group": "",
        "resource": "pods",
        "namespace": "shop",
        "name": "a",
        "subresource": "proxy",
    }


@pytest.mark.parametrize("status", [200, 503])
def test_a_pod_is_asked_through_the_proxy_and_answers_for_itself(status: int) -> None:
    answers = Answers(status, b"well")
    assert api.Cluster(answers).ask(api.POD, "shop", "a:8000", "/health?deep=1", timeout=2.0) == (status, b"well")
    path = "/api/v1/namespaces/shop/pods/a:8000/proxy/health?deep=1"
    assert answers.asked == [("GET", path, None, {}, 2.0)]


def test_a_service_is_asked_with_a_body() -> None:
    answers = Answers(201, b"")
    request = {"method": "POST", "body": b"{}", "headers": {"Accept": "*/*"}, "timeout": 3.0}
    assert api.Cluster(answers).ask(api.SERVICE, "shop", "https:a:80", "orders", **request) == (201, b"")
    path = "/api/v1/namespaces/shop/services/https:a:80/proxy/orders"
    assert answers.asked == [("POST", path, {}, {"Accept": "*/*"}, 3.0)]
