# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as covered."""

from __future__ import annotations

import json
from pathlib import Path

from tools.seed import BEFORE, ROWS, Row, elements, faults, passed, rows

TEXT = """
```yaml
# config/environments/development.yml
api:
  host: localhost
```
```yaml
# .github/workflows/rolling.yml
on:
  workflow_dispatch:
    inputs:
      environment: {required: true}
jobs:
  roll:
    steps:
      - name: Go
```
```hcl
terraform {
  required_providers {
    helm = {
    }
  }
}
resource "kubernetes_service" "main" {
}
```
"""
FOUND = ["development.yml api.host", "rolling on workflow_dispatch", "rolling input environment", "rolling job roll"]
FOUND += ["rolling roll: Go", "provider helm", "resource kubernetes_service.main"]


def test_elements_are_read_from_the_code() -> None:
    assert elements(TEXT) == FOUND


def test_every_element_is_named_once_and_has_a_row() -> None:
    found, known = elements(BEFORE.read_text("utf-8")), [row.element for row in rows(ROWS.read_text("utf-8"))]
    assert len(found) == len(set(found)) > 160
    assert known == found


def test_a_row_counts_with_a_place_and_a_test_that_passed() -> None:
    row = Row("provider helm", ("seed.md",), "", "tests/test_x.py::test_y")
    assert faults(["provider helm"], [row], {"tests/test_x.py::test_y"}) == []
    assert [why for _element, why in faults(["provider helm"], [row], set())] == [
        "tests/test_x.py::test_y did not run and pass the last time"
    ]
    assert faults(["provider helm", "job x"], [row], {row.test}) == [("job x", "has no row")]
    assert faults([], [row], {row.test}) == [("provider helm", "was not there before")]
    nowhere = Row("provider helm", ("nowhere.md",), "", row.test)
    assert faults(["provider helm"], [nowhere], {row.test}) == [("provider helm", "nowhere.md does not exist")]


def test_a_test_has_passed_with_all_its_parameters(tmp_path: Path) -> None:
    first = {"tests/a.py::test_a[x]": "passed", "tests/a.py::test_a[y]": "passed", "tests/a.py::test_b[x]": "passed"}
    (tmp_path / "unit.json").write_text(json.dumps(first))
    (tmp_path / "slow.json").write_text(json.dumps({"tests/a.py::test_b[y]": "failed"}))
    assert passed(tmp_path) == {"tests/a.py::test_a"}
