# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""connect() against a real HTTP server on loopback."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils import cluster as api
from ansible_collections.slipway.rollout.plugins.module_utils.connection import connect


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.server.seen.append(dict(self.headers))
        if self.path.endswith("/closes"):
            self.close_connection = True
            return
        if "watch=true" in self.path:
            self.watch()
            return
        self.answer(200, {"path": self.path})

    def answer(self, status: int, body: Any) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def watch(self) -> None:
        if "gone" in self.path:
            self.answer(410, {"code": 410, "reason": "Expired", "message": "too old"})
            return
        if "silent" in self.path:
            self.server.released.wait(5)
            return
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        event = json.dumps({"type": "ADDED", "object": {}}).encode() + b"\n"
        for part in (event[:7], event[7:] + event):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.flush()
        if "breaks" in self.path:
            self.close_connection = True
            return
        while "endless" in self.path:
            try:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            except OSError:
                self.close_connection = True
                return
        self.wfile.write(b"0\r\n\r\n")


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[dict[str, str]] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("KUBECONFIG", "/nonexistent")
    running = Server()
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield running
    running.released.set()
    running.shutdown()
    running.server_close()


def test_token_and_impersonation_reach_the_server(server: Server) -> None:
    cluster = connect({"host": server.url, "api_key": "s3cret", "impersonate_user": "eve", "other": 1})
    assert cluster.get(api.POD, "shop", "a") == {"path": "/api/v1/namespaces/shop/pods/a"}
    assert server.seen[0]["authorization"] == "Bearer s3cret"
    assert server.seen[0]["Impersonate-User"] == "eve"


def test_kubeconfig_and_context_choose_the_server(server: Server, tmp_path: Path) -> None:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "elsewhere",
        "clusters": [{"name": "here", "cluster": {"server": server.url}}],
        "users": [{"name": "me", "user": {"token": "t"}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
    }
    (tmp_path / "config").write_text(json.dumps(config))
    cluster = connect({"kubeconfig": str(tmp_path / "config"), "context": "here"})
    assert cluster.get(api.POD, "shop", "a")["path"].endswith("/pods/a")
    assert server.seen[0]["authorization"] == "Bearer t"


@pytest.mark.parametrize("options", [{}, {"context": "nowhere"}, {"kubeconfig": "/nonexistent"}])
def test_no_usable_configuration_says_what_to_set(server: Server, options: dict[str, str]) -> None:
    with pytest.raises(api.ClusterError, match="No usable cluster configuration: .*\\. (Correct|Set) "):
        connect(options)


def test_a_missing_library_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kubernetes.client.rest", None)
    with pytest.raises(api.ClusterError, match="pip install kubernetes"):
        connect({"host": "http://127.0.0.1:1", "api_key": "x"})


def test_nobody_listens_there_means_nothing_was_written() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(api.Unreachable, match="Check kubeconfig, context and the network"):
        connect({"host": f"http://127.0.0.1:{port}", "api_key": "x"}).get(api.POD, "shop", "a")


def test_a_lost_answer_is_not_a_refusal(server: Server) -> None:
    with pytest.raises(api.Unanswered, match="no whole answer"):
        connect({"host": server.url, "api_key": "x"}).get(api.POD, "shop", "closes")


@pytest.mark.parametrize("namespace", ["shop", "breaks"])
def test_watch_reads_lines_across_chunks_and_survives_a_break(server: Server, namespace: str) -> None:
    events = list(connect({"host": server.url, "api_key": "x"}).watch(api.POD, namespace, timeout=5))
    assert [event.type for event in events] == ["ADDED", "ADDED"]


def test_watch_refused_by_the_server(server: Server) -> None:
    with pytest.raises(api.ApiError, match="too old"):
        list(connect({"host": server.url, "api_key": "x"}).watch(api.POD, "gone", timeout=5))


def test_watch_ends_when_time_is_up_although_events_go_on(server: Server) -> None:
    assert len(list(connect({"host": server.url, "api_key": "x"}).watch(api.POD, "endless", timeout=0.05))) > 2


def test_watch_of_a_server_that_has_nothing_to_tell_is_empty(server: Server) -> None:
    assert list(connect({"host": server.url, "api_key": "x"}).watch(api.POD, "silent", timeout=0.05)) == []
