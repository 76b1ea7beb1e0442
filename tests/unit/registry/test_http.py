# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP against a real server on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.registry.http import UrlHttp

SEEN: list[tuple[str, str | None]] = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        SEEN.append((self.path, self.headers.get("Authorization")))
        if self.path == "/elsewhere":
            self._say(307, ("Location", f"http://127.0.0.1:{self.server.server_address[1]}/there"))
        elif self.path == "/here":
            self._say(307, ("Location", "/there"))
        elif self.path == "/missing":
            self._say(404, ("X-Word", "no"))
        elif self.path == "/broken":
            self.wfile.write(b"nonsense\r\n\r\n")
        else:
            self._say(200, ("Docker-Content-Digest", "sha256:a"))

    do_HEAD = do_GET  # noqa: N815 - the server's own name for it

    def _say(self, code: int, header: tuple[str, str]) -> None:
        self.send_response(code)
        self.send_header(*header)
        self.send_header("Content-Length", "2" if self.command == "GET" else "0")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(b"ok")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_answers_of_all_kinds(url: str) -> None:
    answer = UrlHttp().send("HEAD", f"{url}/there", {})
    assert (answer.status, answer.headers["docker-content-digest"], answer.body) == (200, "sha256:a", b"")
    answer = UrlHttp().send("GET", f"{url}/missing", {})
    assert (answer.status, answer.headers["x-word"], answer.body) == (404, "no", b"ok")


def test_a_redirect_to_another_host_gets_no_credentials(url: str) -> None:
    SEEN.clear()
    UrlHttp().send("GET", f"{url}/elsewhere", {"Authorization": "Basic x"})
    UrlHttp().send("GET", f"{url}/here", {"Authorization": "Basic x"})
    assert SEEN == [("/elsewhere", "Basic x"), ("/there", None), ("/here", "Basic x"), ("/there", "Basic x")]


@pytest.mark.parametrize("path", ["/broken"])
def test_an_answer_that_is_none(url: str, path: str) -> None:
    with pytest.raises(OSError, match="nonsense"):
        UrlHttp(verify=False).send("GET", f"{url}{path}", {})


@pytest.mark.parametrize("bad", ["http://127.0.0.1:1/", "http://127.0.0.1:99999/"])
def test_nobody_there(bad: str) -> None:
    with pytest.raises(OSError, match="refused|range|port"):
        UrlHttp(timeout=1.0).send("GET", bad, {})


def test_a_registry_cannot_make_us_read_files() -> None:
    with pytest.raises(OSError, match="only http and https"):
        UrlHttp().send("GET", "file:///etc/hostname", {})
