# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.kubeconfig_fault import kubeconfig_fault

CONTEXTS = "contexts: [{name: eu1}, {name: us1}]\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kubeconfig"


@pytest.mark.parametrize(
    ("content", "context", "told"),
    [
        (CONTEXTS + "current-context: eu1", "eu2", "no context 'eu2'; it has eu1, us1. Correct context."),
        (CONTEXTS, None, "no current-context; it has eu1, us1. Set context."),
        (CONTEXTS + "current-context: old", None, "'old', but no such context; it has eu1, us1. Set context."),
        ("contexts: []", "eu2", "no context 'eu2'; it has none. Correct context."),
        ("just words", None, "is no kubeconfig"),
        ("a: [", None, "is no kubeconfig"),
        ("contexts: [eu1]", None, "is no kubeconfig"),
    ],
)
def test_what_a_file_lacks_is_said_with_what_it_has(file: Path, content: str, context: str | None, told: str) -> None:
    file.write_text(content)
    said = kubeconfig_fault({"kubeconfig": str(file), "context": context}, {})
    assert str(file) in said
    assert told in said


def test_a_missing_file_is_named_from_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = kubeconfig_fault({"kubeconfig": "prod.yaml"}, {})
    assert said == f"There is no file {tmp_path}/prod.yaml. Correct kubeconfig."


def test_a_file_that_nobody_named_is_not_to_be_corrected(tmp_path: Path) -> None:
    said = kubeconfig_fault({}, {"KUBECONFIG": str(tmp_path / "none")})
    assert said == f"There is no file {tmp_path}/none. Set kubeconfig, or host and api_key."


def test_the_environment_names_file_and_context(file: Path) -> None:
    file.write_text(CONTEXTS)
    environment = {"K8S_AUTH_KUBECONFIG": str(file), "K8S_AUTH_CONTEXT": "eu2"}
    assert "no context 'eu2'" in kubeconfig_fault({}, environment)


def test_a_file_that_is_not_text_cannot_be_read(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in kubeconfig_fault({"kubeconfig": str(file)}, {})


@pytest.mark.parametrize(
    "options",
    [{"host": "https://x", "kubeconfig": "none"}, {"kubeconfig": {"contexts": []}}, {"kubeconfig": "one:two"}],
)
def test_without_one_file_there_is_nothing_to_say(options: dict[str, Any]) -> None:
    assert kubeconfig_fault(options, {}) == ""


def test_a_file_with_its_context_has_no_fault(file: Path) -> None:
    file.write_text(CONTEXTS + "current-context: eu1")
    assert kubeconfig_fault({"kubeconfig": str(file), "context": "us1"}, {}) == ""
    assert kubeconfig_fault({"kubeconfig": str(file)}, {}) == ""
