# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scenarios there are, and how they are told."""

from __future__ import annotations

from pathlib import Path

from tools.molecule import Outcome, main, scenarios, skipped
from tools.stage import ROOT


def test_every_role_has_a_scenario_and_the_lab_is_looked_for_first() -> None:
    roles = sorted(path.name for path in (ROOT / "roles").iterdir() if (path / "meta").is_dir())
    assert scenarios() == ["default", *roles]


def test_one_that_could_not_be_played_says_why(tmp_path: Path) -> None:
    scene = tmp_path / "molecule" / "image_build" / "scene.json"
    scene.parent.mkdir(parents=True)
    scene.write_text('{"skipped": "buildah is not here"}')
    assert skipped("image_build", tmp_path) == "buildah is not here"
    assert skipped("canary", tmp_path) == ""


def test_how_they_are_told() -> None:
    assert str(Outcome("canary", True, "", 61.4)) == "  ok      canary                  61 s"
    assert str(Outcome("image_build", True, "no buildah", 2.0)) == "  SKIPPED image_build              2 s  no buildah"
    assert str(Outcome("rolling", False, "", 9.0)).split() == ["FAILED", "rolling", "9", "s"]


def test_an_unknown_one_is_refused() -> None:
    assert main(["cannary"]) == 2
