# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import POD, SERVICE
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.probe import Probe, ProbeError
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.targets import Target
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.ways import (
    by_forward,
    by_proxy,
    directly,
    refuse_credentials,
)

from tests.unit.store import Store

PODS = "/api/v1/namespaces/production/pods"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response({"/health": 200, "/moved": 302}.get(self.path, 418))
        self.send_header("Location", "/health")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(self.headers["X-User"].encode() + body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def pod(number: int, host: str = "127.0.0.1") -> Target:
    return Target("a", POD, "production", host, {"http": number})


def test_straight_to_the_pod(port: int) -> None:
    ask = directly()
    assert ask(pod(port), Probe("/health")) == (200, b"ok")
    assert ask(pod(1), Probe("/tea", port=str(port))) == (418, b"ok")


def test_a_redirect_is_an_answer(port: int) -> None:
    assert directly()(pod(port), Probe("/moved"))[0] == 302


def test_a_request_with_all_that_it_may_have(port: int) -> None:
    probe = Probe("/orders", method="POST", headers={"X-User": "7"}, body=b"!")
    assert directly(validate_certs=False)(pod(port), probe) == (201, b"7!")


def test_an_address_of_the_users_own(port: int) -> None:
    assert directly()(Target("here", base=f"http://127.0.0.1:{port}"), Probe("health"))[0] == 200


def test_through_a_forward(port: int) -> None:
    ask = by_forward({("a", 8000): f"127.0.0.1:{port}"})
    assert ask(pod(8000), Probe("/health"))[0] == 200


def test_a_pod_with_an_ipv6_address() -> None:
    with pytest.raises(OSError, match="refused|unreachable|assign|supported"):
        directly()(pod(1, "::1"), Probe("/health", timeout=1.0))


def test_through_the_proxy() -> None:
    store = Store(
        raw={
            f"{PODS}/a:8000/proxy/health": (200, b"well"),
            f"{PODS}/https:a:8000/proxy/health": (200, b"sealed"),
            "/api/v1/namespaces/production/services/shop:80/proxy/health": (200, b"served"),
        }
    )
    ask = by_proxy(store.cluster())
    assert ask(pod(8000), Probe("/health")) == (200, b"well")
    assert ask(pod(8000), Probe("/health", scheme="https")) == (200, b"sealed")
    assert ask(Target("shop", SERVICE, "production", ports={"web": 80}), Probe("/health")) == (200, b"served")
    with pytest.raises(OSError, match="no pod or Service"):
        ask(Target("here", base="http://here"), Probe("/health"))


def test_credentials_do_not_go_through_the_proxy() -> None:
    with pytest.raises(ProbeError, match=r"tests\[1\].headers has Authorization.*Set via: forward"):
        refuse_credentials([Probe("/a"), Probe("/b", headers={"authorization": "Basic x"})])
