# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import tomllib

from lab import programs, toolchain
from lab.config import Config, LabError

ROOT = Path(__file__).resolve().parents[3]
VERSIONS = tomllib.loads((ROOT / "lab" / "versions.toml").read_text())
ALL = (*programs.declared(VERSIONS), programs.METRICS_SERVER)


def test_binaries_are_named_as_go_names_them() -> None:
    kubernetes = next(program for program in ALL if program.name == "kubernetes")
    expected = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")
    assert kubernetes.binaries == expected


@pytest.mark.parametrize("program", ALL, ids=lambda program: program.name)
def test_each_program_has_its_module_with_checked_sums(program: programs.Program) -> None:
    folder = ROOT / program.folder
    assert (folder / "go.mod").exists()
    assert (folder / "go.sum").exists()


def test_kubernetes_is_the_version_that_versions_toml_names() -> None:
    text = (ROOT / "lab/go/kubernetes/go.mod").read_text()
    assert f"k8s.io/kubernetes v{VERSIONS['kubernetes']} //" in text


def test_a_change_of_the_source_is_another_build(tmp_path: Path) -> None:
    folder = tmp_path / "lab" / "demo"
    folder.mkdir(parents=True)
    (folder / "go.mod").write_text("module x\n")
    program = programs.Program("demo", "lab/demo", (".",), 1)
    config = Config(tmp_path, tmp_path / "cache")
    before = programs.paths(config, [program])
    (folder / "main_test.go").write_text("package main\n")
    assert programs.paths(config, [program]) == before
    (folder / "main.go").write_text("package main\n")
    assert programs.paths(config, [program]) != before
    assert before["demo"].is_relative_to(tmp_path / "cache")


def test_an_estimate_that_is_corrected_is_not_another_build() -> None:
    config = Config(ROOT, ROOT)
    one = ALL[0]
    assert programs.paths(config, [one]) == programs.paths(config, [replace(one, seconds=1)])
    assert programs.paths(config, [one]) != programs.paths(config, [replace(one, ldflags="")])


def test_what_is_left_is_told_by_how_this_machine_has_done_so_far() -> None:
    assert programs.remaining(100, 300, 50) == 100
    assert programs.spell(59.4) == "59 s"
    assert programs.spell(61) == "1 min 01 s"


def test_a_disk_that_is_too_small_is_told_before_anything_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs.shutil, "disk_usage", lambda _path: SimpleNamespace(free=10**9))
    with pytest.raises(LabError, match="1.0 GB free; the build needs about .* SLIPWAY_CACHE"):
        programs.ensure(Config(ROOT, tmp_path), ALL, VERSIONS)
    assert not (tmp_path / "bin").exists()


def test_the_go_that_pypi_brings_is_new_enough_for_every_program() -> None:
    wanted = [re.search(r"^go (.*)$", (ROOT / one.folder / "go.mod").read_text(), re.MULTILINE) for one in ALL]
    newest = max(toolchain.numbers(found[1]) for found in wanted if found)
    assert newest <= toolchain.numbers(VERSIONS["go"]) <= toolchain.numbers(VERSIONS["go_package"])
