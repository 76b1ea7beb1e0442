# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed and verified by the real cosign, without the public log: nothing leaves the machine."""

from __future__ import annotations

import os
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab import debian, lifecycle, programs, toolchain
from lab.programs import Program
from tests.integration.builds import Bench, Project, Store
from tests.integration.conftest import Lab
from tests.integration.plays import Played, play, role

pytestmark = pytest.mark.slow  # building cosign takes minutes
COSIGN = Program("cosign", "lab/go/cosign", ("github.com/sigstore/cosign/v3/cmd/cosign",), 300)


@dataclass(frozen=True, slots=True)
class Signer:
    """A key pair, and where cosign is."""

    folder: Path
    program: Path
    password: str = "pa55word"

    def start(self) -> None:
        self.folder.mkdir()
        environment = {**os.environ, "COSIGN_PASSWORD": self.password}
        subprocess.run((self.program, "generate-key-pair"), cwd=self.folder, env=environment, check=True)

    @property
    def path(self) -> str:
        return f"{self.program.parent}{os.pathsep}{os.environ.get('PATH', '')}"

    @property
    def signs(self) -> dict[str, object]:
        return {"key": f"{self.folder}/cosign.key", "password": self.password, "transparency_log": False}

    @property
    def policy(self) -> dict[str, object]:
        return {"key": f"{self.folder}/cosign.pub", "transparency_log": False, "sbom": "spdx-json"}

    def verify(self, image: str, folder: Path) -> Played:
        """As a strategy's preflight asks, in check mode as well."""
        task = role("image_build", tasks_from="verify.yml", image_build_image=image)
        return play(
            folder, [task], "--check", variables={"slipway_verify": self.policy}, environment={"PATH": self.path}
        )


@pytest.fixture(scope="module")
def bench(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    debian.ensure({"buildah": "buildah"})
    folder = tmp_path_factory.mktemp("cosign")
    go = toolchain.find(lab.config, lifecycle.pinned())
    project = Project(folder / "project", go.command, lab.config.cache)
    project.start()
    return Bench(folder, project, f"{lab.registry}/supply/{uuid.uuid4().hex[:12]}")


@pytest.fixture(scope="module")
def signers(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> tuple[Signer, Signer]:
    program = programs.ensure(lab.config, [COSIGN], lifecycle.pinned())["cosign"]
    folder = tmp_path_factory.mktemp("keys")
    ours, theirs = Signer(folder / "ours", program), Signer(folder / "theirs", program)
    ours.start()
    theirs.start()
    return ours, theirs


def test_who_signed_it_is_known_and_who_did_not_is_refused(
    bench: Bench, signers: tuple[Signer, Signer], tmp_path: Path
) -> None:
    ours, theirs = signers
    options = {
        "path": ours.path,
        "slipway_build_engine": "buildah",
        "slipway_build_sbom": "spdx-json",
        "slipway_build_sign": ours.signs,
        "slipway_verify": ours.policy,
    }
    built = bench.build("-v", **options)
    assert built.code == 0, built.said
    assert ours.password not in built.said
    image = built.learned["slipway_image"]
    assert Store(bench.name).digest("main") == image.partition("@")[2]

    again = bench.build(**options)
    assert again.code == 0, again.said
    assert "changed=0" in again.said, "it was signed once more"

    accepted = ours.verify(image, tmp_path)
    assert accepted.code == 0, accepted.said
    refused = theirs.verify(image, tmp_path)
    assert refused.code != 0
    assert f"is not signed by {theirs.folder}/cosign.pub" in refused.said


def test_what_nobody_signed_and_what_is_no_digest_is_refused(
    bench: Bench, signers: tuple[Signer, Signer], tmp_path: Path
) -> None:
    bench.project.commit("unsigned")
    built = bench.build(path=signers[0].path, slipway_build_engine="buildah")
    assert built.code == 0, built.said
    refused = signers[0].verify(built.learned["slipway_image"], tmp_path)
    assert refused.code != 0
    assert "is not signed by" in refused.said
    by_tag = signers[0].verify(f"{bench.name}:main", tmp_path)
    assert by_tag.code != 0
    assert "Only an image by digest can be verified" in by_tag.said
