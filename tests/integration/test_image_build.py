# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images built with real engines and pushed to the lab's registry. Stand-ins write what the real programs wrote."""

from __future__ import annotations

import base64
import json
import re
import uuid
from pathlib import Path

import pytest

from lab import debian, lifecycle, toolchain
from tests.integration.builds import Bench, Project, Store
from tests.integration.conftest import Lab
from tests.integration.stand_ins import StandIns

pytestmark = pytest.mark.slow  # builds with each engine for two architectures

ENGINES = ("buildah", "podman")
REPORTS = Path(__file__).resolve().parents[1] / "unit/scan/reports"
CLEAN = json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Trivy"}}, "results": []}]})
VERSION = {"version": {"out": "v3"}, "--version": {"out": "v1"}}
OCI = "org.opencontainers.image."


@pytest.fixture(scope="module")
def project(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Project:
    debian.ensure({engine: engine for engine in ENGINES})
    go = toolchain.find(lab.config, lifecycle.pinned())
    project = Project(tmp_path_factory.mktemp("build") / "project", go.command, lab.config.cache)
    project.start()
    return project


@pytest.fixture
def bench(lab: Lab, project: Project, tmp_path: Path) -> Bench:
    """A repository of its own in the registry."""
    return Bench(tmp_path, project, f"{lab.registry}/supply/{uuid.uuid4().hex[:12]}")


@pytest.fixture
def stand_ins(tmp_path: Path) -> StandIns:
    found = StandIns(tmp_path / "bin")
    found.add("trivy", writes={"--output": CLEAN}, **VERSION)
    found.add("cosign", keep=("COSIGN_PASSWORD",), **VERSION)
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_an_image_for_two_architectures_and_nothing_new_the_second_time(engine: str, bench: Bench) -> None:
    commit = bench.project.commit(f"by {engine}")
    built = bench.build(slipway_build_engine=engine, slipway_build_args={"GREETING": "hello"})
    assert built.code == 0, built.said
    store = Store(bench.name)
    digest = store.digest("main")
    assert built.learned["slipway_image"] == f"{bench.name}@{digest}"
    assert store.digest(f"main-{commit}") == digest
    assert (bench.folder / "output").read_text().splitlines() == [f"image={bench.name}@{digest}", f"digest={digest}"]

    platforms = store.platforms(digest)
    assert {name: config["machine"] for name, config in platforms.items()} == {"amd64": "amd64", "arm64": "arm64"}
    labels = platforms["arm64"]["config"]["Labels"]
    assert labels[OCI + "version"] == f"main-{commit}"
    assert labels[OCI + "revision"].startswith(commit)
    assert labels[OCI + "source"] == "https://git.example.com/shop/well"
    assert labels[OCI + "created"].endswith("Z")
    assert "GREETING=hello" in platforms["amd64"]["config"]["Env"]

    if engine != ENGINES[0]:
        return  # one is enough: it takes as long again
    again = bench.build(slipway_build_engine=engine, slipway_build_args={"GREETING": "hello"})
    assert again.code == 0, again.said
    assert "changed=0" in again.said
    assert again.learned["slipway_image"] == built.learned["slipway_image"]


def test_the_next_commit_takes_the_branchs_name_and_a_tag_its_version(bench: Bench) -> None:
    first = bench.project.commit("first")
    assert bench.build().code == 0
    store = Store(bench.name)
    before = store.digest("main")
    second = bench.project.commit("second")
    bench.project.tag("v2.4.1")
    assert bench.build().code == 0
    assert store.digest(f"main-{first}") == before
    assert store.digest("main") == store.digest(f"main-{second}") == store.digest("2.4.1") != before


def test_check_mode_shows_the_plan_and_builds_nothing(bench: Bench) -> None:
    shown = bench.build("--check")
    assert shown.code == 0, shown.said
    assert "for linux/amd64 and linux/arm64, built by buildah" in shown.said
    assert Store(bench.name).digest("main") == ""


def test_what_is_missing_is_said_before_anything_is_built(bench: Bench) -> None:
    refused = bench.build(path="/usr/bin:/bin", slipway_build_sbom="spdx-json", slipway_build_scan={},
                          slipway_build_sign={"transparency_log": False}, slipway_build_engine="docker")  # fmt: skip
    assert refused.code != 0
    for said in (
        "docker does not work here",
        "syft is not here",
        "no scanner is here; install trivy or grype, or set slipway_build_scan to {tool: none}",
        "cosign is not here",
        "slipway_build_sign says neither key nor keyless: true",
    ):
        assert said in refused.said, refused.said
    assert Store(bench.name).digest("main") == ""


def test_contents_are_written_down_and_a_clean_scan_passes(bench: Bench, stand_ins: StandIns) -> None:
    built = bench.build(path=stand_ins.path, slipway_build_sbom="spdx-json", slipway_build_scan={})
    assert built.code == 0, built.said
    platforms = ("linux-amd64", "linux-arm64")
    wanted = {f"{name}.{kind}" for name in platforms for kind in ("sarif", "spdx.json")}
    assert {path.name for path in bench.reports.iterdir()} == wanted
    image = built.learned["slipway_image"]
    for name in platforms:
        contents = json.loads((bench.reports / f"{name}.spdx.json").read_text("utf-8"))
        assert {"example.com/well", "stdlib"} <= {package["name"] for package in contents["packages"]}
    assert [call.after("--platform") for call in stand_ins.calls("trivy", "image")] == [
        ["linux/amd64"],
        ["linux/arm64"],
    ]
    assert all(call.words[-1] == image for call in stand_ins.calls("trivy", "image"))


@pytest.mark.parametrize("scanner", ["trivy", "grype"])
def test_a_bad_image_gets_no_name_and_an_accepted_one_does(scanner: str, bench: Bench, stand_ins: StandIns) -> None:
    commit = bench.project.commit(f"bad for {scanner}")
    report = (REPORTS / f"{scanner}.sarif").read_text("utf-8")
    stand_ins.add(scanner, writes={"--output": report}, **VERSION)
    scan = {"tool": scanner}
    refused = bench.build(path=stand_ins.path, slipway_build_scan=scan)
    assert refused.code != 0
    store = Store(bench.name)
    assert store.digest("main") == ""
    digest = store.digest(f"main-{commit}")
    assert digest
    why = re.search(r"Why: The scan found .*? that may not be released \(critical\): (\S+) \(critical", refused.said)
    assert why, refused.said
    assert f"Refused: {bench.name}@{digest} got no name but its commit's" in refused.said
    assert (bench.reports / "linux-arm64.sarif").read_text("utf-8") == report

    accept = [{"rule": "*", "reason": "a test"}]
    built = bench.build(path=stand_ins.path, slipway_build_scan=scan | {"accept": accept})
    assert built.code == 0, built.said
    assert store.digest("main") == digest


def test_it_is_signed_and_vouched_for_before_it_has_a_name(bench: Bench, stand_ins: StandIns) -> None:
    stand_ins.add(
        "cosign", keep=("COSIGN_PASSWORD",), verify={"code": 1, "err": "Error: no signatures found"}, **VERSION
    )
    sign = {"key": "cosign.key", "password": "pa55word", "transparency_log": False}
    options = {
        "path": stand_ins.path,
        "slipway_build_sbom": "spdx-json",
        "slipway_build_sign": sign,
        "slipway_verify": {"key": "cosign.pub", "transparency_log": False},
    }
    refused = bench.build("-v", **options)
    assert refused.code != 0
    assert "is not signed by cosign.pub" in refused.said
    assert "Why: Error: no signatures found" in refused.said
    assert "pa55word" not in refused.said
    assert Store(bench.name).digest("main") == ""
    [signing] = stand_ins.calls("cosign", "sign")
    assert signing.after("--key") == ["cosign.key"]
    assert {"--recursive", "--yes", "--tlog-upload=false", "--allow-http-registry"} <= set(signing.words)
    assert signing.environment["COSIGN_PASSWORD"] == "pa55word"
    assert len(stand_ins.calls("cosign", "attest")) == 2

    stand_ins.add("cosign", **VERSION)  # from now on it finds the signature
    built = bench.build(**options)
    assert built.code == 0, built.said
    assert len(stand_ins.calls("cosign", "sign")) == 1, "what is signed is not signed again"
    assert Store(bench.name).digest("main")


def test_docker_is_asked_for_the_same(bench: Bench, stand_ins: StandIns) -> None:
    digest = "sha256:" + "1" * 64
    stand_ins.add("docker", writes={"--metadata-file": json.dumps({"containerimage.digest": digest})},
                  keep=("SOURCE_DATE_EPOCH",))  # fmt: skip
    registry = {"username": "somebody", "password": "pa55word"}
    built = bench.build("-v", path=stand_ins.path, slipway_build_engine="docker", slipway_registry=registry,
                        slipway_build_cache=f"{bench.name}/cache")  # fmt: skip
    assert built.code == 0, built.said
    assert "pa55word" not in built.said
    assert built.learned["slipway_image"] == f"{bench.name}@{digest}"
    build = next(call for call in stand_ins.calls("docker", "buildx") if call.words[1] == "build")
    assert build.after("--platform") == ["linux/amd64,linux/arm64"]
    assert build.after("--cache-from") == [f"type=registry,ref={bench.name}/cache"]
    assert build.after("--cache-to") == [f"type=registry,ref={bench.name}/cache,mode=max"]
    assert int(build.environment["SOURCE_DATE_EPOCH"]) > 0
    assert json.loads(build.environment["config.json"])["auths"] == {
        bench.name.partition("/")[0]: {"auth": base64.b64encode(b"somebody:pa55word").decode()}
    }
    named = [call.after("--tag")[0] for call in stand_ins.calls("docker", "buildx") if "imagetools" in call.words]
    assert f"{bench.name}:main" in named
