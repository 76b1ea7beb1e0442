# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from lab import oci


class FakeRegistry(BaseHTTPRequestHandler):
    """What of the distribution protocol a push needs."""

    server: FakeServer

    def do_HEAD(self) -> None:
        name = self.path.rsplit("/", 1)[1]
        stored = self.server.manifests if "/manifests/" in self.path else self.server.blobs
        content = stored.get(name)
        self._answer(404 if content is None else 200, content or b"")

    def do_POST(self) -> None:
        self.send_response(202)
        self.send_header("Location", f"{self.path}1?state=x")
        self.end_headers()

    def do_PUT(self) -> None:
        self.server.writes.append(self.path)
        content = self.rfile.read(int(self.headers["Content-Length"]))
        url = urlsplit(self.path)
        if "/manifests/" in self.path:
            self.server.manifests[url.path.rsplit("/", 1)[1]] = content
        else:
            self.server.blobs[parse_qs(url.query)["digest"][0]] = content
        self._answer(self.server.put_status, content)

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Docker-Content-Digest", "sha256:" + hashlib.sha256(content).hexdigest())
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


class FakeServer(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), FakeRegistry)
        self.manifests: dict[str, bytes] = {}
        self.blobs: dict[str, bytes] = {}
        self.writes: list[str] = []
        self.put_status = 201

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


def program(**environment: str) -> oci.Image:
    return oci.image([oci.layer([oci.File("app", b"binary")])], entrypoint=["/app"], user="1", environment=environment)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def test_layer_holds_files_with_their_folders_once() -> None:
    blob = oci.layer([oci.File("a/c/two", b"2", 0o755), oci.File("a/one", b"1")])
    with tarfile.open(fileobj=io.BytesIO(blob.content)) as archive:
        assert [(entry.name, entry.mode, entry.mtime) for entry in archive] == [
            ("a", 0o755, 0),
            ("a/c", 0o755, 0),
            ("a/c/two", 0o755, 0),
            ("a/one", 0o644, 0),
        ]


def test_push_is_made_once(server: FakeServer) -> None:
    registry = oci.Registry(server.address)
    image = program(RELEASE="good")
    assert registry.push("app", "good", image)
    assert registry.digest("app", "good") == image.manifest.digest
    assert {*server.blobs} == {image.config.digest, *(blob.digest for blob in image.layers)}
    written = len(server.writes)
    assert not registry.push("app", "good", image)
    assert registry.push("app", "good-2", program(RELEASE="good-2"))
    assert len(server.writes) == written + 2, "layers were sent again"


def test_refused_push_is_an_error(server: FakeServer) -> None:
    server.put_status = 507
    with pytest.raises(oci.RegistryError, match="507"):
        oci.Registry(server.address).push("app", "good", program(RELEASE="good"))


def test_no_registry_is_an_error_that_says_where() -> None:
    with pytest.raises(oci.RegistryError, match=r"no registry at 127\.0\.0\.1:1: .*Is the lab up\?"):
        oci.Registry("127.0.0.1:1").digest("app", "good")
