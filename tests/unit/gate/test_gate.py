# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate: traffic first, words later, whatever happens."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.decision import Policy
from ansible_collections.slipway.rollout.plugins.module_utils.gate.gate import Gate
from ansible_collections.slipway.rollout.plugins.module_utils.gate.stop import Stopped
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.apply import SplitChange
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError

from tests.unit.gate.builders import reading, unreachable
from tests.unit.gate.runs import BACK, BEFORE, QUEUE, SPLIT, FakeSwitch, Traffic, World, said, world


def gate(one: World, switch: FakeSwitch | None = None, **more: object) -> Gate:
    loop = one.loop(**more)  # type: ignore[arg-type]
    if switch is not None:
        loop.reporter = type(loop.reporter)(lambda line: (switch.log.append("say"), one.said.append(line))[0])
    return Gate(loop, switch)


def test_a_healthy_release_keeps_its_split() -> None:
    one, switch = world(Traffic(20, 0)), FakeSwitch(note="Asked for 10 %, pods give 25 %.")
    result = gate(one, switch).run()
    assert (result.verdict.value, result.changed, result.rollback) == ("pass", True, None)
    assert (result.before, result.after) == (BEFORE.as_dict(), SPLIT.as_dict())
    assert result.notes == ["Asked for 10 %, pods give 25 %."]
    assert "restore" not in switch.log
    assert switch.log[:2] == ["rehearse", "shift"]
    assert said(one.said, "split is stable 90 %, canary 10 %, it was stable 95 %, canary 5 %")


def test_a_failing_release_is_taken_back_before_anything_is_said() -> None:
    one, switch = world(Traffic(8, 4)), FakeSwitch()
    result = gate(one, switch).run()
    assert (result.verdict.value, result.after) == ("fail", BACK.as_dict())
    assert switch.log == ["rehearse", "shift", "say", "restore", "say", "say", "followed", "say"]
    assert one.said[1:] == [
        "FAIL: errors: 4 of 12 requests (33 %) failed, the limit is 1 %",
        "the route is back at stable 100 %, canary 0 % after 0.0 s",
        "traffic has followed after 0.5 s more",
    ]
    assert result.first_breach_at == 1_700_001_002.0


def test_a_way_back_that_fails_is_shouted() -> None:
    one, switch = world(Traffic(8, 4)), FakeSwitch(done=False)
    result = gate(one, switch).run()
    assert result.rollback is not None
    assert not result.rollback.done
    assert result.after == SPLIT.as_dict()
    assert said(one.said, "THE ROUTE IS NOT BACK at stable 100 %, canary 0 %: no API server")
    assert "followed" not in switch.log


def test_traffic_that_was_not_seen_to_follow_is_told() -> None:
    one, switch = world(Traffic(8, 4)), FakeSwitch(error="Traffic had not followed.")
    result = gate(one, switch).run()
    assert one.said[-1] == "Traffic had not followed."
    assert result.rollback is not None
    assert result.rollback.error == "Traffic had not followed."


def test_traffic_that_could_not_be_seen_is_not_said_to_have_followed() -> None:
    one = world(Traffic(8, 4))
    switch = FakeSwitch(observation={"followed": False, "seconds": 9.0, "warning": "No request was counted."})
    gate(one, switch).run()
    assert one.said[-1] == "whether traffic has followed was not seen: No request was counted."


@pytest.mark.parametrize(("policy", "restored"), [(Policy(3), True), (Policy(3, inconclusive_fails=False), False)])
def test_a_gate_that_cannot_tell_takes_back_unless_that_passes(policy: Policy, restored: bool) -> None:
    switch = FakeSwitch()
    result = gate(world(Traffic(0, 0)), switch, policy=policy).run()
    assert result.verdict.value == "inconclusive"
    assert ("restore" in switch.log) is restored


def test_without_measurements_to_begin_with_it_takes_back_what_may_be_out_there() -> None:
    switch = FakeSwitch()
    result = gate(world(unreachable()), switch).run()
    assert (result.error, "shift" in switch.log, "restore" in switch.log) == ("unreachable", False, True)
    assert result.after == BACK.as_dict()


@pytest.mark.parametrize("stopped", [Stopped("told to stop"), KeyboardInterrupt()])
def test_a_gate_that_is_stopped_takes_back_and_waits_for_nothing(stopped: BaseException) -> None:
    one, switch = world(Traffic(20, 0)), FakeSwitch()

    def end() -> object:
        raise stopped

    one.source.script = [Traffic(20, 0)(), end]  # type: ignore[list-item]
    result = gate(one, switch).run()
    assert (result.verdict.value, result.error) == ("inconclusive", "stopped")
    assert result.reason.startswith("not finished: ")
    assert switch.log[-3:] == ["restore", "say", "say"]
    one.stop.hear(15, None)  # nothing may interrupt what comes after


def test_a_gate_that_is_stopped_while_it_writes_knows_what_it_has_written() -> None:
    """Else the way back could find the split as it was, and the write take effect after it."""

    class Interrupted(FakeSwitch):
        def shift(self) -> SplitChange | None:
            one.stop.hear(15, None)
            return super().shift()

    one, switch = world(Traffic(20, 0)), Interrupted()
    result = gate(one, switch).run()
    assert (result.error, result.after) == ("stopped", BACK.as_dict())
    assert result.before == BEFORE.as_dict()
    assert switch.log[-3:] == ["restore", "say", "say"]


def test_a_mistake_of_ours_takes_back() -> None:
    one, switch = world(Traffic(20, 0)(), ZeroDivisionError("oops")), FakeSwitch()
    result = gate(one, switch, policy=Policy(3, inconclusive_fails=False)).run()
    assert (result.error, "restore" in switch.log) == ("unexpected", True)
    assert result.reason == "the gate itself failed: ZeroDivisionError: oops"


def test_a_split_that_could_not_be_set_takes_back() -> None:
    switch = FakeSwitch(fault=TrafficError("outcome_unknown", "Nobody knows.", {"changed": True}))
    result = gate(world(Traffic(20, 0)), switch).run()
    assert (result.error, switch.log[:3]) == ("outcome_unknown", ["rehearse", "shift", "restore"])
    assert result.reason == "the split could not be set: Nobody knows."


def test_a_conflict_after_a_write_of_ours_takes_back() -> None:
    switch = FakeSwitch(fault=TrafficError("conflict", "Changed by kubectl.", {"changed": True}))
    result = gate(world(Traffic(20, 0)), switch).run()
    assert (result.error, switch.log[:3]) == ("conflict", ["rehearse", "shift", "restore"])


def test_a_gate_that_only_watches_over_a_route_says_nothing_of_a_split() -> None:
    class OnlyBack(FakeSwitch):
        def shift(self) -> None:
            self.log.append("shift")

    one, switch = world(Traffic(8, 4)), OnlyBack(observation={})
    result = gate(one, switch).run()
    assert (result.before, result.after, result.seconds) == (None, BACK.as_dict(), 1.0)
    assert not said(one.said, "split is")
    assert one.said[-1] == "the route is back at stable 100 %, canary 0 % after 0.0 s"


def test_what_somebody_else_has_set_is_left_to_them() -> None:
    switch = FakeSwitch(fault=TrafficError("conflict", "Changed by kubectl.", {"changed": False}))
    with pytest.raises(TrafficError, match="Changed by kubectl"):
        gate(world(Traffic(20, 0)), switch).run()
    assert switch.log == ["rehearse", "shift"]


def test_a_check_that_can_never_be_judged_changes_nothing() -> None:
    switch, one = FakeSwitch(), world(reading(0))
    loop = one.loop(QUEUE)
    one.source.script = [reading(0, q=_many())]
    with pytest.raises(OptionError):
        Gate(loop, switch).run()
    assert switch.log == ["rehearse"]


def _many() -> object:
    from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Answer

    return Answer((({}, 1.0), ({}, 2.0)))


def test_without_a_route_there_is_only_a_verdict() -> None:
    result = Gate(world(Traffic(8, 4)).loop()).run()
    assert (result.verdict.value, result.changed, result.before, result.after) == ("fail", False, None, None)
    assert Gate(world(Traffic(20, 0)).loop()).run().verdict.value == "pass"
