# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
import tomllib

from lab import programs
from lab.config import Config

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
    before = programs.paths(config, [program], VERSIONS)
    assert programs.paths(config, [program], VERSIONS) == before
    (folder / "main.go").write_text("package main\n")
    assert programs.paths(config, [program], VERSIONS) != before
    assert before["demo"].is_relative_to(tmp_path / "cache")
