# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples' way into a cluster without a secret: a kubeconfig that asks for a token, again when it has ended."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config

PLACE = Path(__file__).resolve().parents[3] / "examples/github/actions/slipway"


@dataclass
class Servers:
    """Issues tokens as GitHub does, and keeps the tokens that a cluster gets to see."""

    lifetime: float = 300.0  # seconds
    issued: list[tuple[str, str]] = field(default_factory=list)  # what was asked for, by whom
    seen: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str, authorization: str) -> Any:
        if path.startswith("/token"):
            self.issued.append((path, authorization))
            claims = json.dumps({"exp": int(time.time() + self.lifetime), "n": len(self.issued)}).encode()
            return {
                "value": f"head.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.signature{len(self.issued)}"
            }
        self.seen.append(authorization)
        return {"major": "1", "minor": "34", "gitVersion": "v1.34.4", "gitCommit": "", "gitTreeState": "",
                "buildDate": "", "goVersion": "", "compiler": "", "platform": ""}  # fmt: skip


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    servers = Servers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(servers.answer(self.path, self.headers["Authorization"])).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    servers.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{servers.url}/token?api-version=2")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "of-this-job")
    yield servers
    server.shutdown()
    server.server_close()
    thread.join(5)


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PLACE / program), *arguments], capture_output=True, text=True, check=False
    )


def test_a_client_gets_in_with_it_and_asks_again_when_it_has_ended(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clusters = [
        {"name": name, "server": servers.url, "ca": base64.b64encode(b"PEM").decode()} for name in ("eu1", "eu2")
    ]
    monkeypatch.setenv("CLUSTERS", json.dumps(clusters))
    file = tmp_path / "kubeconfig"
    assert run("kubeconfig.py", str(file)).stdout.strip() == str(file)
    assert "of-this-job" not in file.read_text("utf-8")
    servers.lifetime = 59.0  # over in the eyes of the client, which is told a minute less
    with client.ApiClient(
        config.load_kube_config(str(file), context="eu2") or client.Configuration.get_default_copy()
    ) as api:
        for dummy in range(2):
            assert client.VersionApi(api).get_code().git_version == "v1.34.4"
    assert servers.issued[0] == ("/token?api-version=2&audience=kubernetes", "Bearer of-this-job")
    assert len(set(servers.seen)) == 2, "the second request came with the first token, which had ended"
    assert all(token.startswith("Bearer head.") for token in servers.seen)


def test_without_the_permission_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACTIONS_ID_TOKEN_REQUEST_URL", raising=False)
    done = run("token.py")
    assert done.returncode == 1
    assert "ACTIONS_ID_TOKEN_REQUEST_URL' is not set: give the job 'permissions: {id-token: write}'" in done.stderr


def test_the_audience_can_be_another(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIENCE", "https://eu1.example.com")
    credential = json.loads(run("token.py").stdout)
    assert servers.issued[0][0].endswith("&audience=https%3A//eu1.example.com")
    assert credential["kind"] == "ExecCredential"
