# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy before the API server that does to a write what networks, load balancers and servers do.

It ends TLS with the API server's own certificate, so that clients trust it, takes any client that has the token, and
speaks to the real API server as the lab's administrator.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WRITES = frozenset({"PATCH", "POST", "PUT", "DELETE"})
TOKEN = "let-me-in"
LONGEST_HANG = 60.0  # seconds; a client that waits longer than this hangs itself

REASONS = {403: "Forbidden", 409: "Conflict", 422: "Invalid", 429: "TooManyRequests", 503: "ServiceUnavailable"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request.

    `refuse` answers with `status` and forwards nothing. Of the others, `where` says whether the request is forwarded
    first: `before` it is not, `after` it is and the API server has done its work, `late` it is once the client is gone.
    """

    what: str = "pass"  # pass, refuse, hang, close, truncate
    where: str = "before"
    status: int = 0

    def __str__(self) -> str:
        return f"{self.what}-{self.status or self.where}"


PASS = Fault()
FAULTS: tuple[Fault, ...] = (
    *(Fault("refuse", status=status) for status in (403, 409, 422, 429, 500, 503)),
    *(Fault(what, where) for what in ("hang", "close") for where in ("before", "after")),
    Fault("hang", "late"),
    Fault("truncate", "after"),
)


@dataclass
class FaultProxy:
    """`writes` and `reads` are used up request by request; then `writes_then` and `reads_then` hold."""

    upstream: tuple[str, int]
    pki: Path
    writes: list[Fault] = field(default_factory=list)
    reads: list[Fault] = field(default_factory=list)
    writes_then: Fault = PASS
    reads_then: Fault = PASS
    reads_after_write: Fault | None = None  # from the first write on, what happens to reads
    seen: list[str] = field(default_factory=list)  # method and path of each request
    port: int = 0

    def program(
        self, *writes: Fault, then: Fault = PASS, reads: Sequence[Fault] = (), reads_after_write: Fault | None = None
    ) -> None:
        self.writes, self.writes_then = list(writes), then
        self.reads, self.reads_then = list(reads), PASS
        self.reads_after_write = reads_after_write
        self.seen.clear()

    def next_fault(self, method: str, path: str) -> Fault:
        self.seen.append(f"{method} {path}")
        if method not in WRITES:
            return self.reads.pop(0) if self.reads else self.reads_then
        if self.reads_after_write:
            self.reads_then = self.reads_after_write
        return self.writes.pop(0) if self.writes else self.writes_then

    @property
    def written(self) -> int:
        """How many writes arrived here."""
        return sum(1 for request in self.seen if request.split()[0] in WRITES)

    def params(self) -> dict[str, Any]:
        """Connection options of the modules."""
        return {"host": f"https://127.0.0.1:{self.port}", "api_key": TOKEN, "ca_cert": str(self.pki / "ca.crt")}

    def forward(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, str, bytes]:
        context = ssl.create_default_context(cafile=str(self.pki / "ca.crt"))
        context.load_cert_chain(self.pki / "admin.crt", self.pki / "admin.key")
        connection = HTTPSConnection(*self.upstream, timeout=30, context=context)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Content-Type", "application/json"), answer.read()
        finally:
            connection.close()


@contextlib.contextmanager
def serve(proxy: FaultProxy) -> Iterator[FaultProxy]:
    """The proxy on a free port of this machine, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy))
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(proxy.pki / "apiserver.crt", proxy.pki / "apiserver.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    proxy.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(proxy: FaultProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
            self.close_connection = True
            if self.headers.get("Authorization", "").removeprefix("Bearer ") != TOKEN:
                self._answer(401, "application/json", _status(401, "no token"))
                return
            fault = proxy.next_fault(self.command, self.path)
            answer = None
            if fault.what == "refuse":
                answer = (fault.status, "application/json", _status(fault.status, "the proxy was told to refuse"))
            elif fault.what == "pass" or fault.where == "after":
                answer = self._forward(body)
            if fault.what == "hang":
                self._hang()
                if fault.where == "late":
                    self._forward(body)
            elif fault.what == "truncate" and answer:
                self._answer(*answer, sent=len(answer[2]) // 2)
            elif fault.what != "close" and answer:
                self._answer(*answer)

        do_GET = do_PATCH = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the base class's names

        def _forward(self, body: bytes | None) -> tuple[int, str, bytes]:
            kept = {name: value for name in ("Accept", "Content-Type") if (value := self.headers.get(name))}
            return proxy.forward(self.command, self.path, body, kept)

        def _hang(self) -> None:
            """Until the client is gone."""
            self.connection.settimeout(LONGEST_HANG)
            with contextlib.suppress(OSError):
                self.connection.recv(1)

        def _answer(self, status: int, content_type: str, content: bytes, sent: int | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(content[:sent])
                self.wfile.flush()

        def finish(self) -> None:
            with contextlib.suppress(OSError):
                super().finish()
                self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, *args: Any) -> None:
            """Nothing: `seen` has it all."""

    return Handler


def _status(code: int, message: str) -> bytes:
    reason = REASONS.get(code, "InternalError")
    return json.dumps({"kind": "Status", "code": code, "reason": reason, "message": message}).encode()
