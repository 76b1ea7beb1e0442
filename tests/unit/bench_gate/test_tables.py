# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures as tables and as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.bench_gate.plots import pictures
from tests.bench_gate.tables import BEGIN, END, insert, tables

CELL = {"from": 0.01, "to": 0.02, "weight": 0.1, "rps": 500.0, "burst": 1.0, "runs": 9, "slipway_min": 0.75,
        "slipway_default_margin_min": 1.5, "kayenta_min": 5.0, "kayenta_15s_min": None, "sprt_min": 0.5,
        "calibrated_threshold_min": 1.0, "calibrated_threshold_15s_min": 0.5}  # fmt: skip
REPORT: dict[str, Any] = {
    "runs": 10, "seed": 1, "judge_ms_per_look": 1.25, "judge_ms_per_look_1000_pods": 76.4,
    "bytes_grown_in_10000_looks": 0,
    "scenarios": [{"scenario": "iid", "looks": 240, "runs": 10, "false_alarm_rate": 0.001,
                   "false_alarm_upper95": 0.002}],
    "detection": [CELL],
    "detection_in_bursts": [CELL | {"burst": 5.0}],
    "latency": [{"case": "scale", "weight": 0.1, "runs": 8, "slipway_min": 1.0, "slipway_default_margin_min": 2.0,
                 "kayenta_min": 5.0}],
    "promote": {"healthy_median_min": 1.75, "wrong_pass_rate": 0.01, "wrong_pass_upper95": 0.02,
                "wrong_pass_runs": 10},
}  # fmt: skip


def test_the_tables_come_between_the_marks_and_nowhere_else(tmp_path: Path) -> None:
    page = tmp_path / "gate.md"
    page.write_text(f"before\n{BEGIN}\nformer\n{END}\nafter\n")
    insert(REPORT, page)
    insert(REPORT, page)
    text = page.read_text()
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "former" not in text
    assert "| 1 % → 2 %, bursts of 5 | 10 % | 500 | 9 | 0.75 | 1.5 | 5 | – | 0.5 | 1 | 0.5 |" in text
    assert "| iid | 240 | 10 | 0.1 | 0.2 |  |  |  |  |" in text


@pytest.mark.parametrize(
    ("oracle", "said"),
    [(0.5, "needs in 1 at most half of the time\nof Kayenta with points of 60 s;"),
     (0.7, "needs in 1 at most half of the time\nof Kayenta with points of 60 s, and in the others the oracle"),],
)  # fmt: skip
def test_cells_are_counted_in_which_it_is_so_much_faster(oracle: float, said: str) -> None:
    slow = CELL | {"slipway_min": 0.75, "kayenta_min": 1.25, "sprt_min": oracle}
    text = tables(REPORT | {"detection": [CELL, slow]})
    assert f"Of 2 cells without bursts Slipway {said}" in text
    assert "in 2 at most 1.25 times the threshold's of 60 s,\nin 0 of that of 15 s." in text


def test_another_seed_is_told_beside(tmp_path: Path) -> None:
    page = tmp_path / "gate.md"
    page.write_text(f"{BEGIN}\n{END}\n")
    other = {"seed": 2, "runs": 50, "worst_scenario": "bursts of 5", "false_alarm_upper95": 0.009, "detection": [CELL]}
    insert(REPORT | {"other_seeds": [other]}, page)
    text = page.read_text()
    assert "With the seed 2 and 50 runs" in text
    assert "`bursts of 5`, 95 % bound 0.9 %; of 1 cells\n1, 1 and 1 are within" in text


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "gate.md"
    insert(REPORT, page)
    assert not page.exists()


def test_the_pictures_are_well_formed(tmp_path: Path) -> None:
    pictures(REPORT, tmp_path)
    for name in ("gate-detection.svg", "gate-false-alarms.svg"):
        assert ElementTree.parse(tmp_path / name).getroot().tag.endswith("svg")
