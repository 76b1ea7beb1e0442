# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import SourceError
from ansible_collections.slipway.rollout.plugins.module_utils.slots.drain import QUIET, Drained, drain

from tests.unit.slots.counting import Counting
from tests.unit.traffic.fake_api import FakeClock


def test_a_slot_is_drained_when_no_request_came_for_a_while() -> None:
    clock = FakeClock()
    counting = Counting(clock, lambda gone: {"blue": 8.0 if gone <= 1 else 0.0, "green": 200.0})
    drained = drain(counting.counters(), "blue", clock, 30)
    assert drained == Drained("blue", True, 1 + QUIET, 8)
    assert drained.as_dict() == {"slot": "blue", "quiet": True, "seconds": 3.0, "requests": 8}


def test_connections_that_stay_open_are_told() -> None:
    clock = FakeClock()
    drained = drain(Counting(clock, lambda gone: {"blue": 4.0}).counters(), "blue", clock, 5)
    assert (drained.quiet, drained.requests) == (False, 20)
    assert "Requests still reach blue after 5 s (20 meanwhile)" in drained.as_dict()["warning"]


def test_a_slot_that_cannot_be_asked_is_not_called_drained() -> None:
    clock = FakeClock()
    errors: list[SourceError | None] = [SourceError("unreachable", "no answer")] * 40
    drained = drain(Counting(clock, lambda gone: {}, errors).counters(), "blue", clock, 5)
    assert not drained.quiet
    assert "was not seen in 5 s: no answer" in drained.warning()


def test_a_reading_that_fails_begins_the_wait_anew() -> None:
    clock = FakeClock()
    errors = [None, None, SourceError("timeout", "slow")]
    drained = drain(Counting(clock, lambda gone: {}, errors).counters(), "blue", clock, 30)
    assert (drained.quiet, drained.seconds) == (True, 0.5 + QUIET)
