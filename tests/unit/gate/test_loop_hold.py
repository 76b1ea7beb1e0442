# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A loop on hold: it looks and may fail, but neither passes nor comes to the end of its time."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.loop import Timing
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Reading

from tests.unit.gate.builders import reading
from tests.unit.gate.runs import Traffic, nothing, world


def on_hold(looks: int) -> Iterator[str]:
    yield from ["2 of 3 pods are new"] * looks
    while True:
        yield ""


def test_its_time_begins_when_the_hold_ends() -> None:
    scene = world(Traffic(30, 0))
    words = on_hold(4)
    loop = scene.loop(hold=lambda: next(words))
    assert loop.run(nothing).verdict is Verdict.PASS
    assert loop.looks == 4 + 5
    assert any(line.endswith("2 of 3 pods are new") for line in scene.said)


def test_so_do_its_looks() -> None:
    scene = world(Traffic(30, 0))
    words = on_hold(4)
    loop = scene.loop(hold=lambda: next(words), timing=Timing(1.0, None, 3))
    assert loop.run(nothing).verdict is Verdict.PASS
    assert loop.looks == 4 + 3


def test_it_may_fail_meanwhile() -> None:
    scene = world(Traffic(20, 20))
    assert scene.loop(hold=lambda: "rolling").run(nothing).verdict is Verdict.FAIL


def test_what_is_not_there_yet_is_not_missing() -> None:
    empty: list[Reading] = [reading(1_700_001_000.0 + second) for second in range(8)]
    scene = world(*empty, Traffic(30, 0, at=1_700_001_010.0))
    words = on_hold(8)
    found = scene.loop(hold=lambda: next(words)).run(nothing)
    assert found.verdict is Verdict.PASS
