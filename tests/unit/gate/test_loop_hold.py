# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A loop on hold: it looks and may fail, but neither passes nor comes to the end of its time."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.loop import FOLLOWING, Timing
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Reading

from tests.unit.gate.builders import reading
from tests.unit.gate.runs import QUEUE, Traffic, moved, nothing, world


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


SILENT, FULL = Traffic(0, 0), Traffic(30, 0)


def test_its_time_begins_with_the_first_users_where_it_has_moved_them() -> None:
    """A gateway that follows late must not eat up the time in which a bad release would show."""
    scene = world(SILENT, SILENT, SILENT, SILENT, Traffic(30, 0, at=1_700_001_005.0))
    loop = scene.loop()
    assert loop.run(moved).verdict is Verdict.PASS
    assert loop.looks == 4 + 5
    assert any(line.endswith("waiting for its first users") for line in scene.said)


def test_users_who_come_within_a_look_delay_nothing() -> None:
    loop = world(FULL).loop()
    loop.run(moved)
    assert loop.looks == 5


def test_users_who_do_not_come_are_not_waited_for_for_ever() -> None:
    scene = world(SILENT)
    loop = scene.loop()
    assert loop.run(moved).verdict is Verdict.INCONCLUSIVE
    assert FOLLOWING <= loop.looks <= FOLLOWING + 5 + 1


def test_where_nothing_is_counted_nobody_is_waited_for() -> None:
    loop = world(FULL).loop(QUEUE)
    loop.run(moved)
    assert loop.looks == 5


def test_where_nobody_was_moved_nobody_is_waited_for() -> None:
    loop = world(SILENT).loop()
    loop.run(nothing)
    assert loop.looks == 5
