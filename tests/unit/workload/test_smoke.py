# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoke tests, through the proxy of a cluster in memory and straight to a server on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.workload.smoke import (
    Result,
    Test,
    by_proxy,
    directly,
    parse_tests,
    ready_pods,
    run,
    summary,
)

from tests.unit.store import Obj, Store, status
from tests.unit.traffic.fake_api import FakeClock
from tests.unit.workload import builders as build

OF = build.replica_set(build.deployment(2))
HEALTH = Test("/health", "http")


def pod(name: str = "a", ip: str = "10.0.0.7", number: int = 8000) -> Obj:
    found = build.pod(OF, name, ready=True)
    found["status"]["podIP"] = ip
    found["spec"]["containers"] = [{"name": "app", "ports": [{"name": "http", "containerPort": number}]}]
    return found


def path(name: str, test: Test = HEALTH) -> str:
    prefix = "https:" if test.scheme == "https" else ""
    return f"/api/v1/namespaces/production/pods/{prefix}shop-canary-7d4b9-{name}:8000/proxy{test.path}"


def one(store: Store, test: Test = HEALTH) -> Result:
    (result,) = run([pod()], [test], by_proxy(store.cluster()), FakeClock())
    return result


def test_options_become_tests() -> None:
    options = {"path": "/x", "port": "http", "contains": None, "repeat": 3}
    assert parse_tests([options]) == [Test("/x", "http", repeat=3)]


def test_only_ready_pods_of_the_newest_template_are_asked() -> None:
    store = Store()
    deployment = build.deployment(2)
    build.put(store, deployment, OF, build.pod(OF, "a", ready=True), build.pod(OF, "b"))
    found = ready_pods(store.cluster(), "production", "shop-canary")
    assert [pod["metadata"]["name"] for pod in found] == ["shop-canary-7d4b9-a"]


def test_every_pod_is_asked_everything() -> None:
    other = Test("/other?deep=1", "8000", contains="ell", repeat=2)
    store = Store(raw={path(name, test): (200, b"well") for name in "ab" for test in (HEALTH, other)})
    results = run([pod("a"), pod("b")], [HEALTH, other], by_proxy(store.cluster()), FakeClock())
    assert [(result.pod[-1], result.path, result.problem) for result in results] == [
        ("a", "/health", ""),
        ("a", "/other?deep=1", ""),
        ("b", "/health", ""),
        ("b", "/other?deep=1", ""),
    ]
    assert len(store.asked) == 6
    assert summary(results, [HEALTH, other]) == "2 smoke tests passed on 2 pods"
    assert results[0].as_dict()["ok"] is True


@pytest.mark.parametrize(
    ("answer", "test", "problem"),
    [
        ((500, b"oh"), HEALTH, "answers 500, expected 200"),
        ((404, b""), Test("/health", "http", status=404), ""),
        ((200, b"well"), Test("/health", "http", contains="sick"), "the answer does not contain 'sick'"),
        (
            status(503, "dial tcp: connection refused"),
            HEALTH,
            "answers 503, expected 200 (dial tcp: connection refused)",
        ),
        (status(404, "of the pod's own"), HEALTH, "answers 404, expected 200"),
        ((503, b"[]"), HEALTH, "answers 503, expected 200"),
        (TimeoutError("timed out"), HEALTH, "no answer: timed out"),
    ],
)
def test_what_can_be_wrong(answer: Any, test: Test, problem: str) -> None:
    assert one(Store(raw={path("a"): answer}), test).problem == problem


def test_repeating_ends_with_the_first_wrong_answer() -> None:
    store = Store(raw={path("a"): (500, b"")})
    one(store, Test("/health", "http", repeat=9))
    assert len(store.asked) == 1


def test_tls_and_a_port_that_is_not_there() -> None:
    test = Test("/health", "http", scheme="https")
    assert one(Store(raw={path("a", test): (200, b"")}), test).problem == ""
    assert "has no port named 'admin'" in one(Store(), Test("/health", "admin")).problem


def test_a_summary_says_the_first_thing_that_was_wrong() -> None:
    results = [Result("a", "/x", 200, 0.1, ""), Result("b", "/x", 500, 0.1, "bad"), Result("b", "/y", 500, 0.1, "bad")]
    assert summary(results, [HEALTH]) == "Smoke test /x failed on pod b: bad, and 1 more"
    assert summary(results[:2], [HEALTH]) == "Smoke test /x failed on pod b: bad"
    assert summary(results[:1], [HEALTH]) == "1 smoke test passed on 1 pod"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 418)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_straight_to_the_pod(port: int) -> None:
    here = pod(ip="127.0.0.1", number=port)
    assert directly(here, HEALTH) == (200, b"ok")
    assert directly(here, Test("/tea", str(port))) == (418, b"ok")


def test_a_pod_with_an_ipv6_address() -> None:
    with pytest.raises(OSError, match="refused|unreachable|assign|supported"):
        directly(pod(ip="::1", number=1), Test("/health", "http", timeout=1.0))
