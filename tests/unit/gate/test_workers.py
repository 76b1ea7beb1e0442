# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls side by side."""

from __future__ import annotations

from concurrent.futures import wait
from threading import Barrier, Event, current_thread

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.workers import Workers


def test_calls_run_side_by_side() -> None:
    workers, together = Workers(3), Barrier(3)
    futures = [workers.submit(lambda: together.wait(5)) for dummy in range(3)]
    assert {future.result(5) for future in futures} == {0, 1, 2}


def test_no_more_threads_than_asked_for_and_idle_ones_are_used_again() -> None:
    workers = Workers(2)
    futures = [workers.submit(lambda: current_thread().name) for dummy in range(20)]
    assert len({future.result(5) for future in futures}) <= 2


def test_an_error_is_raised_where_the_result_is_asked_for() -> None:
    def fail() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        Workers(1).submit(fail).result(5)


def test_a_call_that_hangs_holds_up_neither_the_others_nor_the_end() -> None:
    workers, never = Workers(2), Event()
    hanging = workers.submit(lambda: (never.wait(30), current_thread().daemon))
    quick = workers.submit(lambda: 1)
    wait([quick], 5)
    assert quick.result(0) == 1
    assert not hanging.done()
    never.set()
    assert hanging.result(5)[1] is True
