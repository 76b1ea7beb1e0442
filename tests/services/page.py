# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application's /metrics with counters that a test sets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol, TypeVar


class Exposed(Protocol):
    port: int
    content_type: str

    def text(self) -> bytes: ...


P = TypeVar("P", bound=Exposed)


@dataclass
class Page:
    """Series by name and labels as they are exposed, and the port."""

    series: dict[str, float] = field(default_factory=dict)
    port: int = 0
    content_type: str = "text/plain; version=0.0.4"

    def text(self) -> bytes:
        return "".join(f"{name} {value}\n" for name, value in self.series.items()).encode()


@contextmanager
def exposed(page: P) -> Iterator[P]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", page.content_type)
            self.end_headers()
            self.wfile.write(page.text())

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    page.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield page
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
