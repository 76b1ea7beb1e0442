# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the example workflows run, taken from their files and run as their shells run it: all but the rollout itself."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / "examples/github/workflows"
GITLAB = ROOT / "examples/gitlab/.gitlab-ci.yml"
IMAGE = "registry.example.com/shop@sha256:" + "0" * 64
STRATEGIES = ("blue-green", "canary", "rolling")
PINNED = re.compile(r"[\w\-./]+@[0-9a-f]{40}")
Yaml = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A line of a shell, and the environment that it finds."""

    origin: str
    line: str
    environment: tuple[tuple[str, str], ...]

    @property
    def words(self) -> list[str]:
        values = dict(self.environment)
        return shlex.split(re.sub(r"\$(\w+)", lambda found: values.get(found.group(1), ""), self.line))

    def after(self, option: str) -> list[str]:
        return [word for before, word in itertools.pairwise(self.words) if before == option]


def workflow(name: str) -> Yaml:
    document: Yaml = yaml.safe_load((GITHUB / f"{name}.yml").read_text("utf-8"))
    return document


def github() -> Iterator[Call]:
    for file in sorted(GITHUB.glob("*.yml")):
        document = workflow(file.stem)
        inputs = (document["on"].get("workflow_dispatch") or {}).get("inputs") or {}
        for job in document["jobs"].values():
            for step in job.get("steps") or ():
                if step.get("run", "").startswith("ansible-playbook"):
                    for values in _choices(step.get("env") or {}, inputs):
                        yield Call(file.name, step["run"], values)


def gitlab() -> Iterator[Call]:
    document: Yaml = yaml.safe_load(GITLAB.read_text("utf-8"))
    chosen = {name: entry["options"] for name, entry in document["variables"].items()}
    for name, job in document.items():
        for line in job.get("script") or () if isinstance(job, dict) else ():
            for values in itertools.product(*chosen.values()):
                environment = dict(zip(chosen, values, strict=True)) | {"image": IMAGE, "CI_PROJECT_DIR": "."}
                yield Call(f"gitlab {name}", line, tuple((environment | (job.get("variables") or {})).items()))


def _choices(environment: Mapping[str, str], inputs: Mapping[str, Yaml]) -> Iterator[tuple[tuple[str, str], ...]]:
    """Every environment that a person's choice of inputs can give."""

    def values(text: str) -> Sequence[str]:
        for name, entry in inputs.items():
            if f"inputs.{name}" in text:
                return [str(option) for option in entry["options"]]
        return [IMAGE if "outputs.image" in text else "x"]

    for combination in itertools.product(*(values(text) for text in environment.values())):
        yield tuple(zip(environment, combination, strict=True))


CALLS = list({(call.origin, tuple(call.words)): call for call in (*github(), *gitlab())}.values())


def test_each_strategy_and_the_build_are_called_once_in_both() -> None:
    called = {(call.origin.partition(" ")[0] == "gitlab", call.words[1]) for call in CALLS}
    books = {f"slipway.rollout.{name}" for name in ("build", "blue_green", "canary", "rolling")}
    assert called == {(where, book) for where in (False, True) for book in books}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """As a user has it: the examples in their places, inventories beside them."""
    (tmp_path / ".github").symlink_to(ROOT / "examples/github")
    (tmp_path / "slipway-build.yml").symlink_to(ROOT / "examples/gitlab/slipway-build.yml")
    (tmp_path / "inventories").symlink_to(ROOT / "inventories")
    program = tmp_path / "bin/ansible-playbook"
    program.parent.mkdir()
    real = Path(sys.executable).with_name("ansible-playbook")
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(str(real))} "$@" --syntax-check\n')
    program.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.origin}: {' '.join(call.words[1:4])}"[:70])
def test_a_call_names_what_exists(call: Call, repository: Path) -> None:
    namespace, _dot, book = call.words[1].rpartition(".")
    assert namespace == "slipway.rollout"
    assert (ROOT / f"playbooks/{book}.yml").exists()
    for inventory in call.after("-i"):
        assert (ROOT / inventory).is_dir(), f"{call.origin} wants {inventory}"
    known = "\n".join(path.read_text("utf-8") for path in ROOT.glob("roles/*/defaults/main.yml"))
    for variable in call.after("-e"):
        names = [variable.partition("=")[0]]
        if variable.startswith("@"):
            names = list(yaml.safe_load((repository / variable[1:]).read_text("utf-8")))
        for name in names:
            assert re.search(rf"\b{name}\b", known), f"no role knows {name}"


# One of each is enough: choices change values only.
@pytest.mark.parametrize("book", ["build", "blue_green", "canary", "rolling"])
@pytest.mark.parametrize("where", ["github", "gitlab"])
def test_the_shell_and_ansible_understand_it(where: str, book: str, repository: Path) -> None:
    call = next(
        call
        for call in CALLS
        if (where == "gitlab") == call.origin.startswith("gitlab") and call.words[1].endswith(f".{book}")
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", call.line],
        cwd=repository,
        env={**os.environ, **dict(call.environment), "PATH": f"{repository}/bin{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_people_choose_what_the_seed_let_them_choose() -> None:
    inputs = workflow("canary-deployment")["on"]["workflow_dispatch"]["inputs"]
    assert inputs["canary_percentage"]["options"] == ["5", "10", "25", "50"]
    assert inputs["canary_percentage"]["default"] == "10"
    assert workflow("blue-green-deployment")["on"]["push"] == {"branches": ["main"], "tags": ["v*"]}
    for strategy in STRATEGIES:
        inputs = workflow(f"{strategy}-deployment")["on"]["workflow_dispatch"]["inputs"]
        assert inputs["environment"]["options"] == ["staging", "production"]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_rollout_has_least_rights_and_no_other_beside_it(strategy: str) -> None:
    document = workflow(f"{strategy}-deployment")
    release = document["jobs"]["release"]
    assert document["permissions"] == {}
    assert release["permissions"] == {"contents": "read", "id-token": "write"}
    assert release["concurrency"]["group"] == f"slipway-{release['environment']}"
    assert release["concurrency"]["cancel-in-progress"] is False
    text = (GITHUB / f"{strategy}-deployment.yml").read_text("utf-8")
    assert re.findall(r"secrets\.(\w+)", text) == ["SLACK_WEBHOOK"]


@pytest.mark.parametrize("file", [*GITHUB.glob("*.yml"), *(ROOT / ".github/workflows").glob("*.yml")], ids=str)
def test_actions_of_others_are_pinned_and_say_their_release(file: Path) -> None:
    for line in file.read_text("utf-8").splitlines():
        used = re.search(r"uses: (\S+)(.*)", line)
        if used and not used.group(1).startswith("./"):
            assert PINNED.fullmatch(used.group(1)), line
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", used.group(2)), line
