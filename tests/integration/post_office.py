# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chat server and a mail server on this machine that keep what they are sent."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True, slots=True)
class Post:
    """A request that came in."""

    path: str
    headers: dict[str, str]
    body: Any  # JSON


@dataclass
class Chat:
    """Answers 200 and `ok` unless a path is told otherwise: (status, body), or seconds to wait first."""

    answers: dict[str, tuple[int, str] | float] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    url: str = ""

    def at(self, path: str) -> list[Any]:
        return [post.body for post in self.posts if post.path == path]

    @property
    def wanted(self) -> dict[str, Any]:
        """The variable with which a rollout tells it everything."""
        return {"slipway_notify": [{"kind": "webhook", "url": f"{self.url}/events"}]}

    @property
    def events(self) -> list[str]:
        """What it was told, in order; a stage with its name."""
        return [f"{one['event']} {one['stage']}".strip() for one in self.at("/events")]


@contextmanager
def chatting() -> Iterator[Chat]:
    chat = Chat()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            chat.posts.append(Post(self.path, dict(self.headers), json.loads(body)))
            answer = chat.answers.get(self.path, (200, "ok"))
            if isinstance(answer, float):
                time.sleep(answer)
                answer = (200, "ok")
            status, text = answer
            self.send_response(status)
            self.send_header("Content-Type", "application/json" if text.startswith("{") else "text/plain")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    chat.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield chat
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass
class Mailbox:
    """Takes mail from who knows the password, and from anybody where there is none."""

    password: str = ""
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        mail = message_from_bytes(envelope.original_content or b"", EmailMessage, policy=policy.default)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 Message accepted for delivery"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and data.password.decode() == self.password
        return AuthResult(success=known, handled=False)


@contextmanager
def post_office(password: str = "") -> Iterator[Mailbox]:
    box = Mailbox(password)
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=_free_port(),
        authenticator=box.authenticate,
        auth_require_tls=False,
        auth_required=bool(password),
    )
    box.port = controller.port
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
