# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small metrics server on this machine that answers as it is told, well or badly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Query = dict[str, str]
Reply = tuple[int, bytes, dict[str, str]]


@dataclass
class Metrics:
    """Answers by query text (or path); a callable is asked, bytes go out as they are, anything else as data of JSON."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str, Query, dict[str, str]]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)

    def reply(self, method: str, target: str, body: str, headers: dict[str, str]) -> Reply:
        parts = urlsplit(target)
        query = {key: values[-1] for key, values in parse_qs(parts.query or body).items()}
        self.asked.append((method, parts.path, query, headers))
        self.bodies.append(body)
        if query.get("query") == "time()" and "time()" not in self.answers:
            return ok(scalar(time.time()))
        answer = self.answers.get(query.get("query", parts.path), self.answers.get("*"))
        if callable(answer):
            answer = answer()
        if isinstance(answer, tuple):
            return answer
        return ok({"resultType": "vector", "result": []} if answer is None else answer)

    @property
    def queries(self) -> list[str]:
        return [query["query"] for _method, _path, query, _headers in self.asked if "query" in query]

    def hang(self) -> Any:
        """An answer that does not come."""
        self.released.wait(20)


def ok(data: Any) -> Reply:
    return 200, json.dumps({"status": "success", "data": data}).encode(), {}


def document(value: Any, status: int = 200) -> Reply:
    return status, json.dumps(value).encode(), {}


def failure(status: int, message: str) -> Reply:
    return status, json.dumps({"status": "error", "errorType": "x", "error": message}).encode(), {}


def scalar(value: float) -> dict[str, Any]:
    return {"resultType": "scalar", "result": [time.time(), str(value)]}


def vector(*values: str, **labels: str) -> dict[str, Any]:
    result = [{"metric": {**labels, "n": str(number)}, "value": [1.0, value]} for number, value in enumerate(values)]
    return {"resultType": "vector", "result": result}


def matrix(*series: tuple[dict[str, str], list[tuple[float, str]]]) -> dict[str, Any]:
    return {
        "resultType": "matrix",
        "result": [{"metric": labels, "values": [list(pair) for pair in values]} for labels, values in series],
    }


@contextmanager
def serving(metrics: Metrics) -> Iterator[Metrics]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _answer(self, body: str) -> None:
            status, content, headers = metrics.reply(self.command, self.path, body, dict(self.headers))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # clients that wait no longer are no news
    metrics.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield metrics
    finally:
        metrics.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


Answer = Callable[[], Any]
