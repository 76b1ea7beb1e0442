# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.smoke import forward as subject
from ansible_collections.slipway.rollout.plugins.module_utils.smoke.forward import forward, pod_dialer


def call(address: str, data: bytes = b"hello") -> bytes:
    host, _colon, port = address.partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as near:
        near.sendall(data)
        return near.recv(100)


def echo() -> socket.socket:
    """A connection whose other end says everything once more in capitals, and closes."""
    mine, theirs = socket.socketpair()

    def answer() -> None:
        with theirs:
            theirs.sendall(theirs.recv(100).upper())

    threading.Thread(target=answer, daemon=True).start()
    return mine


def test_each_connection_is_one_of_its_own() -> None:
    dialled: list[int] = []

    def dial() -> socket.socket:
        dialled.append(1)
        return echo()

    with forward(dial) as opened:
        assert [call(opened.address), call(opened.address, b"again")] == [b"HELLO", b"AGAIN"]
        assert opened.trouble == ""
    assert len(dialled) == 2
    with pytest.raises(OSError, match="refused"):
        call(opened.address)


def test_open_connections_end_with_it() -> None:
    mine, theirs = socket.socketpair()
    with forward(lambda: mine) as opened:
        host, _colon, port = opened.address.partition(":")
        near = socket.create_connection((host, int(port)), timeout=5)
        near.sendall(b"x")
        assert theirs.recv(1) == b"x"
    assert near.recv(1) == b""
    near.close()
    theirs.close()


def test_a_connection_that_does_not_come_about_is_told() -> None:
    def dial() -> socket.socket:
        raise OSError("no way")

    with forward(dial) as opened:
        assert call(opened.address) == b""
        assert opened.trouble == "no way"


class Tunnel:
    def __init__(self, pod: str) -> None:
        self.pod = pod

    def socket(self, port: int) -> Any:
        return self.pod, port


class Core:
    connect_get_namespaced_pod_portforward = "call"


def test_pods_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    def portforward(call: str, pod: str, namespace: str, *, ports: str) -> Tunnel:
        assert (call, namespace) == ("call", "production")
        if pod == "gone":
            raise RuntimeError("Handshake status 404")
        return Tunnel(pod)

    monkeypatch.setattr(subject, "_library", lambda params: (Core, portforward))
    dial = pod_dialer({}, "production", [("a", 80), ("b", 81), ("gone", 82)])
    assert [dial(), dial()] == [("a", 80), ("b", 81)]
    with pytest.raises(
        OSError, match="no port-forward to production/gone:82: Handshake status 404. It needs create on"
    ):
        dial()


def test_the_library_connects_as_the_modules_do(tmp_path: Any) -> None:
    config = tmp_path / "config"
    config.write_text(
        "{apiVersion: v1, kind: Config, current-context: x, contexts: [{name: x, context: {cluster: x, user: x}}],"
        "clusters: [{name: x, cluster: {server: 'http://127.0.0.1:1'}}], users: [{name: x, user: {token: y}}]}"
    )
    core, _portforward = subject._library({"kubeconfig": str(config), "impersonate_user": "me", "name": "other"})
    assert core.api_client.configuration.host == "http://127.0.0.1:1"
    assert core.api_client.default_headers["Impersonate-User"] == "me"
