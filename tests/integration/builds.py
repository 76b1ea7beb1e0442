# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small program in a git repository, built for real, and what the registry has of it afterwards."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.integration.plays import Played, play, role

KINDS = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"
MAIN = 'package main\n\nimport "fmt"\n\nfunc main() {{ fmt.Println("{text}") }}\n'
# By ELF's number of the machine: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
MACHINES = {0x3E: "amd64", 0xB7: "arm64"}
CONTAINERFILE = """FROM scratch
ARG TARGETARCH
ARG GREETING
COPY app-${TARGETARCH} /app
USER 1000:1000
ENV GREETING=${GREETING}
ENTRYPOINT ["/app"]
"""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Project:
    """A work tree with binaries for both architectures, which a cross-compiler made: no emulation is needed."""

    folder: Path
    go: str
    cache: Path

    def start(self) -> None:
        self.folder.mkdir()
        (self.folder / "Containerfile").write_text(CONTAINERFILE)
        (self.folder / "go.mod").write_text("module example.com/well\n\ngo 1.24\n")
        self._git("init", "--quiet", "--initial-branch=main")
        self._git("remote", "add", "origin", "https://somebody:pa55@git.example.com/shop/well.git")
        self.commit("well")

    def commit(self, text: str) -> str:
        """Another program; returns the commit's first digits."""
        (self.folder / "main.go").write_text(MAIN.format(text=text))
        for architecture in MACHINES.values():
            environment = {"CGO_ENABLED": "0", "GOARCH": architecture, "GOCACHE": str(self.cache / "go" / "build")}
            command = (self.go, "build", "-trimpath", "-ldflags=-s -w", "-o", f"app-{architecture}", ".")
            subprocess.run(command, cwd=self.folder, env={**os.environ, **environment}, check=True)
        self._git("add", ".")
        self._git("-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", text)
        return self._git("rev-parse", "HEAD").strip()[:7]

    def tag(self, name: str) -> None:
        self._git("tag", name)

    def _git(self, *arguments: str) -> str:
        done = subprocess.run(("git", *arguments), cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout


@dataclass(frozen=True, slots=True)
class Bench:
    """Where images are built: storage of its own, so that nobody's is touched."""

    folder: Path
    project: Project
    name: str  # registry/repository

    def build(
        self, *options: str, path: str = "", environment: Mapping[str, str] | None = None, **variables: Any
    ) -> Played:
        plain = {"slipway_build_sbom": "none", "slipway_build_scan": {"tool": "none"}}
        given = {
            "slipway_build_name": self.name,
            "slipway_build_context": str(self.project.folder),
            "slipway_build_reports": str(self.reports),
            "slipway_build_file": "Containerfile",
            "slipway_build_environment": self.storage(),
            "slipway_build_output": str(self.folder / "output"),
        }
        return play(
            self.folder,
            [role("image_build")],
            *options,
            learn=("slipway_image", "image_build_result"),
            variables=plain | given | variables,
            environment={**({"PATH": path} if path else {}), **NO_CI, **(environment or {})},
        )

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    def storage(self) -> dict[str, str]:
        """Chroot and vfs need no privilege and no kernel module."""
        file = self.folder / "storage.conf"
        place = f'graphroot = "{self.folder}/graph"\nrunroot = "{self.folder}/run"\n'
        file.write_text(f'[storage]\ndriver = "vfs"\n{place}')
        return {"CONTAINERS_STORAGE_CONF": str(file), "BUILDAH_ISOLATION": "chroot"}


# Where the tests run in a CI, its variables are not the project's.
NO_CI = dict.fromkeys(("GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT", "GITHUB_OUTPUT", "COSIGN_PASSWORD"), "")


@dataclass(frozen=True, slots=True)
class Store:
    """A registry, read as any client reads it."""

    name: str

    def get(self, path: str) -> tuple[bytes, str]:
        """Content and digest; nothing where there is nothing."""
        host, _slash, repository = self.name.partition("/")
        request = Request(f"http://{host}/v2/{repository}/{path}", headers={"Accept": KINDS})
        try:
            with urlopen(request, timeout=10) as answer:
                return answer.read(), answer.headers.get("Docker-Content-Digest", "")
        except HTTPError as error:
            if error.code == 404:
                return b"", ""
            raise

    def digest(self, tag: str) -> str:
        return self.get(f"manifests/{tag}")[1]

    def platforms(self, reference: str) -> dict[str, Json]:
        """Architecture -> the image's configuration, with the machine that its program is for."""
        index = json.loads(self.get(f"manifests/{reference}")[0])
        found = {}
        for entry in index["manifests"]:
            manifest = json.loads(self.get(f"manifests/{entry['digest']}")[0])
            config = json.loads(self.get(f"blobs/{manifest['config']['digest']}")[0])
            layer = self.get(f"blobs/{manifest['layers'][0]['digest']}")[0]
            with tarfile.open(fileobj=io.BytesIO(gzip.decompress(layer))) as archive:
                program = archive.extractfile("app")
                assert program is not None
                config["machine"] = MACHINES[program.read(20)[18]]
            found[entry["platform"]["architecture"]] = config
        return found
