# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command: what it prints is the number, and everything else is told for what it is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.command import Command
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Sample, SourceError

from tests.unit.gate.sources.services import SPAN


def python(code: str, timeout: float = 5.0) -> Command:
    return Command((sys.executable, "-c", code), timeout)


def test_the_question_is_the_last_argument_and_the_span_is_in_the_environment() -> None:
    span = "float(os.environ['SLIPWAY_END']) - float(os.environ['SLIPWAY_START'])"
    (points,) = python(f"import os, sys; print(len(sys.argv[-1]) + {span})").ask("seven77", SPAN)
    assert points == ({}, [Sample(SPAN.end, 67.25)])


def test_printing_nothing_is_no_data() -> None:
    assert python("print()").ask("x", SPAN) == []


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        ("print('7 errors')", "bad_answer", "printed '7 errors', where one number is expected (for `x`)."),
        ("raise SystemExit(3)", "server_error", "failed with exit code 3: no word about it (for `x`)."),
        ("raise SystemExit('no such queue')", "server_error", "failed with exit code 1: no such queue (for `x`)."),
    ],
)
def test_what_is_no_number(code: str, kind: str, said: str) -> None:
    with pytest.raises(SourceError) as caught:
        python(code).ask("x", SPAN)
    assert (caught.value.kind, str(caught.value)) == (kind, f"The command {sys.executable} {said}")


def test_a_command_that_hangs_is_a_timeout() -> None:
    with pytest.raises(SourceError) as caught:
        python("import time; time.sleep(20)", timeout=0.2).ask("x", SPAN)
    assert (caught.value.kind, "gave no answer in 0.2 s" in str(caught.value)) == ("timeout", True)


def test_a_command_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        Command((str(tmp_path / "none"),), 1.0).ask("x", SPAN)
    assert (caught.value.kind, "cannot be run: No such file" in str(caught.value)) == ("unreachable", True)


def test_its_arguments_are_not_shown() -> None:
    assert python("print('hush')").describe() == f"the command {sys.executable}"
