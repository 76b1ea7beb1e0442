# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""OCI images without a container engine: blobs made in memory, pushed through the registry's HTTP API.

The same content gives the same digest on every machine: times, owners and order are fixed, and layers are plain tar,
since compressors differ between versions.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urljoin
from urllib.request import Request, urlopen

from lab.config import LabError

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CREATED = "1970-01-01T00:00:00Z"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


class RegistryError(LabError):
    """The registry said something else than it should have."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes and what they are."""

    media_type: str
    content: bytes

    @property
    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.content).hexdigest()

    def descriptor(self) -> dict[str, Any]:
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.content)}


@dataclass(frozen=True, slots=True)
class Image:
    """A manifest and the blobs that it names."""

    manifest: Blob
    config: Blob
    layers: tuple[Blob, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file of a layer."""

    path: str
    content: bytes
    mode: int = 0o644


def layer(files: Sequence[File]) -> Blob:
    """A layer that holds these files and their folders, owned by root."""
    out = io.BytesIO()
    folders: set[str] = set()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for file in sorted(files, key=lambda f: f.path):
            parts = file.path.split("/")[:-1]
            for depth in range(1, len(parts) + 1):
                folder = "/".join(parts[:depth])
                if folder not in folders:
                    folders.add(folder)
                    entry = tarfile.TarInfo(folder)
                    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                    archive.addfile(entry)
            entry = tarfile.TarInfo(file.path)
            entry.mode, entry.size = file.mode, len(file.content)
            archive.addfile(entry, io.BytesIO(file.content))
    return Blob(LAYER, out.getvalue())


def image(
    layers: Sequence[Blob],
    *,
    entrypoint: Sequence[str],
    user: str,
    environment: Mapping[str, str],
    ports: Sequence[int] = (),
    labels: Mapping[str, str] | None = None,
    machine: str = "",
) -> Image:
    """An image for this machine's architecture."""
    machine = machine or platform.machine()
    config = _json(
        CONFIG,
        {
            "created": CREATED,
            "architecture": ARCHITECTURES.get(machine, machine),
            "os": "linux",
            "config": {
                "User": user,
                "Entrypoint": list(entrypoint),
                "Env": [f"{name}={value}" for name, value in sorted(environment.items())],
                "ExposedPorts": {f"{port}/tcp": {} for port in ports},
                "Labels": dict(labels or {}),
            },
            "rootfs": {"type": "layers", "diff_ids": [blob.digest for blob in layers]},
            "history": [{"created": CREATED} for dummy in layers],
        },
    )
    manifest = _json(
        MANIFEST,
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.descriptor(),
            "layers": [blob.descriptor() for blob in layers],
        },
    )
    return Image(manifest, config, tuple(layers))


def _json(media_type: str, document: Mapping[str, Any]) -> Blob:
    return Blob(media_type, json.dumps(document, sort_keys=True, separators=(",", ":")).encode())


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry that is spoken to in plain HTTP."""

    address: str  # host:port
    timeout: float = 30.0

    def push(self, repository: str, tag: str, image: Image) -> bool:
        """Make `repository:tag` this image. False when it was already."""
        if self.digest(repository, tag) == image.manifest.digest:
            return False
        for blob in (*image.layers, image.config):
            self._upload(repository, blob)
        status, _headers = self._call(
            "PUT", f"/v2/{repository}/manifests/{tag}", image.manifest.content, {"Content-Type": MANIFEST}
        )
        if status != 201:
            raise RegistryError(f"{self.address}: manifest of {repository}:{tag} was answered {status}, not 201")
        return True

    def digest(self, repository: str, tag: str) -> str | None:
        """The digest that a tag stands for, None when there is no such tag."""
        status, headers = self._call("HEAD", f"/v2/{repository}/manifests/{tag}", None, {"Accept": MANIFEST})
        return headers.get("Docker-Content-Digest") if status == 200 else None

    def _upload(self, repository: str, blob: Blob) -> None:
        if self._call("HEAD", f"/v2/{repository}/blobs/{blob.digest}")[0] == 200:
            return
        status, headers = self._call("POST", f"/v2/{repository}/blobs/uploads/", b"")
        location = headers.get("Location", "")
        if status != 202 or not location:
            raise RegistryError(f"{self.address}: start of an upload to {repository} was answered {status}, not 202")
        separator = "&" if "?" in location else "?"
        status, _headers = self._call(
            "PUT",
            f"{location}{separator}digest={blob.digest}",
            blob.content,
            {"Content-Type": "application/octet-stream"},
        )
        if status != 201:
            raise RegistryError(f"{self.address}: blob {blob.digest} was answered {status}, not 201")

    def _call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Message[str, str]]:
        url = urljoin(f"http://{self.address}", path)
        request = Request(url, data=body, method=method, headers=dict(headers or {}))
        try:
            with urlopen(request, timeout=self.timeout) as answer:
                return answer.status, answer.headers
        except HTTPError as error:
            with error:
                return error.code, error.headers
        except OSError as error:
            raise RegistryError(f"no registry at {self.address}: {error}. Is the lab up?") from error
