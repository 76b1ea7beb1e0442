# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make seed-coverage`: is every element of the glue that Slipway replaces there, repaired, and proven by a test?

`docs/seed/before.md` is what a team had: configuration, three workflows, Terraform, a chart. Its elements are read from
its code blocks. `docs/seed.md` has a row for each: where it lives here, what was repaired, and the test that proves it.
That test has to have run and passed the last time, as the results in `build/results/` say.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.stage import ROOT

BEFORE = ROOT / "docs/seed/before.md"
ROWS = ROOT / "docs/seed.md"
RESULTS = ROOT / "build/results"
_BLOCK = re.compile(r"```(yaml|hcl)\n(.*?)```", re.S)
_ROW = re.compile(r"^\| `([^`]+)` \| (.+?) \| (.*?) \| `([^`]+)` \|$", re.M)
_LINK = re.compile(r"\[[^]]*\]\(([^)]+)\)")


@dataclass(frozen=True, slots=True)
class Row:
    """`places` are files, relative to docs/; `test` is `tests/…/test_x.py::test_name`."""

    element: str
    places: tuple[str, ...]
    repaired: str
    test: str


def elements(text: str) -> list[str]:
    """What the blocks of code have, in their order and by name."""
    found: list[str] = []
    for language, code in _BLOCK.findall(text):
        found += _of_hcl(code) if language == "hcl" else _of_yaml(code)
    return found


def _of_yaml(code: str) -> Iterator[str]:
    name = re.match(r"# (\S+)", code)
    data = yaml.safe_load(code)
    if name is None or not isinstance(data, Mapping):
        return
    file = name[1].rpartition("/")[2]
    if "jobs" in data:
        yield from _of_workflow(file.removesuffix(".yml"), data)
    elif file == "Chart.yaml":
        yield from (f"Chart.yaml {key}" for key in data if key != "dependencies")
        yield from (f"Chart.yaml dependency {one['name']}" for one in data.get("dependencies", ()))
    else:
        yield from (f"{file} {key}" for key in _leaves(data))


def _of_workflow(name: str, data: Mapping[Any, Any]) -> Iterator[str]:
    triggers = data.get("on", data.get(True)) or {}  # YAML 1.1 takes the word `on` for a truth value
    for trigger, options in triggers.items():
        yield f"{name} on {trigger}"
        yield from (f"{name} input {one}" for one in (options or {}).get("inputs", ()))
    yield from (f"{name} env {one}" for one in data.get("env", ()))
    for job, options in data["jobs"].items():
        yield f"{name} job {job}"
        yield from (f"{name} {job}: {step['name']}" for step in options["steps"])


def _of_hcl(code: str) -> Iterator[str]:
    providers = re.search(r"required_providers \{\n(.*?)^  \}", code, re.M | re.S)
    yield from (f"provider {one}" for one in re.findall(r"^    (\w+) = \{$", providers[1] if providers else "", re.M))
    for kind, name, body in re.findall(r'^resource "(\w+)" "(\w+)" \{\n(.*?)^\}', code, re.M | re.S):
        yield f"resource {kind}.{name}"
        if (kind, name) == ("kubernetes_deployment", "main"):
            parts: tuple[str, ...] = (
                "strategy",
                "annotations",
                "port",
                "env_from",
                "resources",
                "liveness_probe",
                "readiness_probe",
            )
            parts += ("volume_mount", "volume", "image_pull_secrets")
            yield from (f"resource {kind}.{name} {part}" for part in parts if re.search(rf"\b{part}\b", body))


def _leaves(data: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for key, value in data.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}"


def rows(text: str) -> list[Row]:
    return [
        Row(element, tuple(_LINK.findall(where)), repaired, test)
        for element, where, repaired, test in _ROW.findall(text)
    ]


def passed(folder: Path) -> set[str]:
    """Tests of the last run that passed with all their parameters, as `tests/…/test_x.py::test_name`."""
    outcomes: dict[str, list[str]] = {}
    for file in sorted(folder.glob("*.json")):
        for test, outcome in json.loads(file.read_text("utf-8")).items():
            outcomes.setdefault(test.partition("[")[0], []).append(outcome)
    return {test for test, found in outcomes.items() if set(found) == {"passed"}}


def faults(found: Sequence[str], known: Sequence[Row], proven: set[str]) -> list[tuple[str, str]]:
    """What keeps the coverage from being whole: an element, and what is wrong with it."""
    by_element = {row.element: row for row in known}
    told = [(element, "has no row") for element in found if element not in by_element]
    for row in known:
        if row.element not in found:
            told.append((row.element, "was not there before"))
        if not row.places:
            told.append((row.element, "no place is named"))
        told += [(row.element, f"{place} does not exist") for place in row.places if not _exists(place)]
        if row.test not in proven:
            told.append((row.element, f"{row.test} did not run and pass the last time"))
    return told


def _exists(place: str) -> bool:
    return (ROWS.parent / place.partition("#")[0]).exists()


def main() -> int:
    found, known = elements(BEFORE.read_text("utf-8")), rows(ROWS.read_text("utf-8"))
    told = faults(found, known, passed(RESULTS))
    for element, fault in told:
        print(f"{element}: {fault}")
    covered = len(set(found) - {element for element, _fault in told})
    print(f"seed: {covered} of {len(found)} elements covered ({100 * covered // max(1, len(found))} %)")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
