# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person sees: one line per look, not too many, none that matters left out."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from pathlib import Path

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Look
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.report import (
    Reporter,
    limits_of,
    looks_left,
    silent,
    time_left,
    to_file,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import SourceError
from ansible_collections.slipway.rollout.plugins.module_utils.gate.watched import Watched

from tests.unit.gate.builders import counted, errors, load, thinks, unreachable, watched


def told(*checks: Watched) -> str:
    lines: list[str] = []
    Reporter(lines.append).look(0.0, 3, "12 s left", checks)
    return lines[0]


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (watched(errors()), "errors no requests yet (limit 1 %)"),
        (watched(errors(), counted(1.0, 3, 41)), "errors 3 of 41 = 7.3 % (limit 1 %)"),
        (watched(load()), "load no value (max 5)"),
        (watched(load(), Look(1.0, value=2.5)), "load 2.5 (max 5)"),
        (watched(load(), Look(1.0, gap="stale")), "load no value (max 5), now no data: stale"),
        (
            watched(errors(), counted(1.0, 0, 9), Look(2.0, error="refused")),
            "errors 0 of 9 = 0 % (limit 1 %), now no data: refused",
        ),
        (
            watched(errors(), counted(1.0, 9, 9), opinion=thinks(Verdict.FAIL).mind),
            "errors 9 of 9 = 100 % (limit 1 %) FAIL",
        ),
    ],
)
def test_a_look_says_how_a_check_stands(one: Watched, line: str) -> None:
    assert told(one) == f"look 3: {line}; 12 s left"


def test_all_checks_stand_in_one_line() -> None:
    assert told(watched(errors()), watched(load())) == (
        "look 3: errors no requests yet (limit 1 %); load no value (max 5); 12 s left"
    )


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (errors(limit=0.005), "limit 0.5 %"),
        (load(floor=1, ceiling=inf), "min 1"),
        (load(floor=1, ceiling=2.5), "min 1, max 2.5"),
        (load(judge="kayenta"), "compared with stable"),
    ],
)
def test_limits_are_said_as_far_as_there_are_any(check: Check, said: str) -> None:
    assert limits_of(watched(check)) == said


def test_looks_at_which_nothing_has_changed_are_told_once_a_second() -> None:
    lines: list[str] = []
    reporter, one = Reporter(lines.append), watched(errors(), counted(1.0, 0, 5))
    for number in range(1, 10):
        reporter.look(number * 0.25, number, "left", [one])
    assert [line.split(":")[0] for line in lines] == ["look 1", "look 5", "look 9"]


def test_a_long_gate_is_told_of_more_and_more_seldom() -> None:
    lines: list[str] = []
    reporter, one = Reporter(lines.append), watched(errors(), counted(1.0, 0, 5))
    for number in range(1801):
        reporter.look(float(number), number, "left", [one])
    told = [int(line.removeprefix("look ").split(":")[0]) for line in lines]
    assert told[:20] == list(range(20))
    assert 100 < len(told) < 200
    assert max(later - sooner for sooner, later in pairwise(told)) <= 60


def test_a_look_at_which_something_has_changed_is_told_at_once() -> None:
    lines: list[str] = []
    reporter, one = Reporter(lines.append), watched(errors(), counted(1.0, 0, 5))
    reporter.look(0.0, 1, "left", [one])
    one.evidence.add(Look(2.0, gap="gone"))
    reporter.look(0.1, 2, "left", [one])
    one.judge(thinks(Verdict.FAIL), final=False)
    reporter.look(0.2, 3, "left", [one])
    reporter.look(0.3, 4, "left", [one])
    assert [line.split(":")[0] for line in lines] == ["look 1", "look 2", "look 3"]


def test_the_same_trouble_is_told_once_a_second_and_another_one_at_once() -> None:
    lines: list[str] = []
    reporter = Reporter(lines.append)
    slow = SourceError("timeout", "Slow.")
    for now, error in ((0.0, unreachable()), (0.5, unreachable()), (0.6, slow), (1.5, slow), (1.6, slow)):
        reporter.trouble(now, "look 2", error, "4 s left")
    assert lines == [
        "look 2: no measurements: Nobody answers. (4 s left)",
        "look 2: no measurements: Slow. (4 s left)",
        "look 2: no measurements: Slow. (4 s left)",
    ]


def test_waiting_is_told_once_a_second() -> None:
    lines: list[str] = []
    reporter = Reporter(lines.append)
    for now in (0.0, 0.5, 1.0, 1.9):
        reporter.waiting(now, f"waiting at {now}")
    reporter.say("done")
    assert lines == ["waiting at 0.0", "waiting at 1.0", "done"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (time_left(12.0), "12 s left"),
        (time_left(0.0), "time is up"),
        (time_left(-1.0), "time is up"),
        (looks_left(2), "2 looks left"),
        (looks_left(1), "1 look left"),
        (looks_left(0), "that was the last look"),
    ],
)
def test_what_is_left(text: str, said: str) -> None:
    assert text == said


def test_lines_are_appended_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "progress"
    for line in ("one", "zwei ×"):
        to_file(str(path))(line)
    assert path.read_text("utf-8") == "one\nzwei ×\n"


def test_a_file_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    to_file(str(tmp_path / "missing" / "progress"))("one")
    to_file(str(tmp_path))("one")
    assert list(tmp_path.iterdir()) == []


def test_silence_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    silent("line")
    assert capsys.readouterr() == ("", "")
