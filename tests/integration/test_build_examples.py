# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the documentation of image_metadata, image_digest and scan_verdict, run as they are printed there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.slipway.rollout.plugins.modules import image_digest, image_metadata, scan_verdict

from tests.integration.builds import NO_CI
from tests.integration.conftest import Lab
from tests.integration.module import run_module, run_tasks

REPORTS = Path(__file__).resolve().parents[1] / "unit/scan/reports"


def run(documentation: str, kubeconfig: Path, folder: Path) -> list[dict[str, Any]]:
    return run_tasks(yaml.safe_load(documentation), kubeconfig, folder)


@pytest.fixture(autouse=True)
def _outside_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NO_CI:
        monkeypatch.delenv(name, raising=False)


def test_image_metadata(tmp_path: Path) -> None:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        (*who, "commit", "--quiet", "--allow-empty", "-m", "x"),
    ):
        subprocess.run(("git", *words), cwd=tmp_path, check=True)
    plain, labelled = run(image_metadata.EXAMPLES, tmp_path / "none", tmp_path)
    assert plain["tags"] == ["main", plain["unique"]]
    assert plain["images"] == [f"localhost:5000/shop:{tag}" for tag in plain["tags"]]
    assert labelled["labels"]["com.example.team"] == "checkout"
    assert not plain["changed"]


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"name": "localhost:5000/shop:1"}, "has a tag or a digest; write the image without it"),
        ({"name": "localhost:5000/Shop"}, "is not a repository's name"),
        ({"name": "localhost:5000/shop", "path": "/"}, "Build in a git work tree"),
    ],
)
def test_image_metadata_refuses(params: dict[str, str], why: str) -> None:
    assert why in run_module("image_metadata", params)["msg"]


def test_scan_verdict(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    report = tmp_path / "build/scan-amd64.sarif"
    report.write_text('{"runs": [{"tool": {"driver": {"name": "Trivy"}}, "results": []}]}')
    [clean] = run(scan_verdict.EXAMPLES, tmp_path / "none", tmp_path)
    assert (clean["passed"], clean["msg"]) == (True, "The scan found nothing.")

    shutil.copy(REPORTS / "trivy.sarif", report)
    found = run_module("scan_verdict", {"reports": [str(report), str(report)]})
    assert found["failed"]
    assert found["counts"] == {"critical": 2, "high": 2, "medium": 0, "low": 1, "none": 0}
    assert [one["rule"] for one in found["stopping"]] == ["CVE-2023-45853", "CVE-2024-3094"]
    assert found["msg"].startswith("The scan found 2 critical, 2 high, 1 low; 2 that may not be released (critical): ")

    accept = [{"rule": "CVE-20*", "reason": "a test", "until": "2020-01-01"}]
    lapsed = run_module("scan_verdict", {"reports": [str(report)], "accept": accept})
    assert lapsed["failed"]
    assert lapsed["notes"] == ["The exception for CVE-20* lapsed on 2020-01-01: a test"]
    missing = run_module("scan_verdict", {"reports": [str(tmp_path / "none")]})
    assert "none cannot be read: " in missing["msg"]


def test_image_digest(lab: Lab, tmp_path: Path) -> None:
    [found] = run(image_digest.EXAMPLES, lab.kubeconfig, tmp_path)
    assert found["image"] == lab.images["good"]
    params: dict[str, Any] = {"image": f"{lab.registry}/continual-transformer:no-such-tag"}
    missing = run_module("image_digest", params)
    assert (missing["found"], missing["digest"], missing["image"]) == (False, "", "")
    nobody = run_module("image_digest", {"image": "127.0.0.1:9/shop:1"})
    assert "registry 127.0.0.1:9 does not answer" in nobody["msg"]
    assert "ca_path" in run_module("image_digest", params | {"registry": {"ca_path": str(tmp_path / "none")}})["msg"]
