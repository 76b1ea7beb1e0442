# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Told to stop: once heard, never again, and nothing left behind."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.stop import Stop, Stopped

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
SOMEBODY_ELSE = -1


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_gate_with_its_name(number: signal.Signals) -> None:
    with pytest.raises(Stopped, match=rf"the gate was told to stop \({number.name}\)"), Stop().listening():
        signal.raise_signal(number)


def test_a_second_signal_does_not_interrupt_what_the_first_has_begun() -> None:
    stop = Stop()
    with stop.listening():
        with pytest.raises(Stopped, match="SIGHUP"):
            signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_that_python_drops_is_heard_at_the_next_occasion() -> None:
    """What is raised while an object is cleared up goes nowhere; a response of urllib3 is such an object."""

    class Cleared:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    stop = Stop()
    with stop.listening():
        thing: Cleared | None = Cleared()
        thing = None
        assert thing is None
        with pytest.raises(Stopped, match="SIGINT"):
            stop.check()
        stop.deafen()
        stop.check()


def test_a_signal_waits_for_a_write_to_be_over() -> None:
    stop, done = Stop(), []

    def write() -> None:
        with stop.holding():
            signal.raise_signal(signal.SIGTERM)
            done.append("written")

    with stop.listening(), pytest.raises(Stopped, match="SIGTERM"):
        write()
    assert done == ["written"]
    with pytest.raises(Stopped, match="SIGTERM"):
        stop.check()


def test_a_write_that_fails_is_told_before_a_signal_that_came_meanwhile() -> None:
    stop = Stop()

    def write() -> None:
        with stop.holding():
            signal.raise_signal(signal.SIGTERM)
            raise ZeroDivisionError

    with stop.listening(), pytest.raises(ZeroDivisionError):
        write()


def test_no_code_on_the_way_can_take_it_for_a_failure() -> None:
    assert not issubclass(Stopped, Exception)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_deaf_gate_finishes_what_it_does(number: signal.Signals) -> None:
    stop = Stop()
    with stop.listening():
        stop.deafen()
        signal.raise_signal(number)


def test_handlers_are_as_before_afterwards_even_after_an_error() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    inside = []

    def fail() -> None:
        inside.extend(signal.getsignal(number) for number in SIGNALS)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), Stop().listening():
        fail()
    assert all(handler not in before for handler in inside)
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_outside_the_main_thread_nothing_is_heard_and_nothing_breaks() -> None:
    before = signal.getsignal(signal.SIGTERM)
    found = []

    def work() -> None:
        with Stop().listening():
            found.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [before]


def test_a_gate_whose_caller_has_died_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = Stop()
    stop.check()
    monkeypatch.setattr(os, "getppid", lambda: SOMEBODY_ELSE)
    with pytest.raises(Stopped, match="the process that started the gate has ended"):
        stop.check()


def test_a_gate_stops_when_the_sign_that_its_caller_lives_is_taken_away(tmp_path: Path) -> None:
    sign = tmp_path / "sign"
    sign.touch()
    stop = Stop(str(sign))
    stop.check()
    sign.unlink()
    with pytest.raises(Stopped, match="the process that started the gate has ended"):
        stop.check()


@pytest.mark.parametrize("sign", [None, "", "missing"])
def test_a_sign_that_was_never_there_stops_nobody(sign: str | None, tmp_path: Path) -> None:
    Stop(sign and str(tmp_path / sign)).check()


def test_a_deaf_gate_does_not_mind_that_its_caller_has_died(tmp_path: Path) -> None:
    sign = tmp_path / "sign"
    sign.touch()
    stop = Stop(str(sign))
    stop.deafen()
    sign.unlink()
    stop.check()
