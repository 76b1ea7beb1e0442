# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a gate found, as data that survives JSON."""

from __future__ import annotations

import json

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Look
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.switch import Rollback
from ansible_collections.slipway.rollout.plugins.module_utils.gate.verdict import (
    CheckResult,
    GateResult,
    measurements,
    whole,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.watched import RETURNED
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.gate.builders import counted, errors, load, watched

STABLE = Split.parse({"stable": 100, "canary": 0})


def checked(**more: object) -> CheckResult:
    return CheckResult("errors", Verdict.FAIL, "too many", {"max": 0.01}, {"all": ("m",)}, ("m",), 2, **more)


def gated(**more: object) -> GateResult:
    return GateResult(Verdict.FAIL, "errors: too many", [checked(events=Events(3, 9))], 4, 1.23456, **more)


def test_a_check_of_counters_tells_events_rate_and_pods() -> None:
    found = checked(events=Events(1.0, 3.0), pods={"pod-1": Events(1.0, 3.0)}).as_dict()
    assert (found["bad"], found["total"], found["rate"]) == (1, 3, 0.333333)
    assert found["pods"] == {"pod-1": {"bad": 1, "total": 3}}
    assert found["selectors"] == {"all": ["m"]}
    assert "value" not in found


def test_a_gauge_tells_its_value_even_when_there_is_none() -> None:
    assert checked(value=2.5).as_dict()["value"] == 2.5
    found = checked().as_dict()
    assert found["value"] is None
    assert not {"bad", "total", "rate", "pods"} & set(found)


def test_a_result_is_plain_data_with_every_field() -> None:
    found = gated(rollback=Rollback(True, 0.1234, STABLE), first_breach_at=5.0, notes=("a note",)).as_dict()
    assert json.loads(json.dumps(found)) == found
    assert (found["verdict"], found["seconds"], found["looks"]) == ("fail", 1.235, 4)
    assert found["rollback"]["split"] == {"stable": 100, "canary": 0}
    assert found["rollback"]["seconds"] == 0.123
    assert found["notes"] == ["a note"]


def test_only_a_gate_that_did_not_end_by_its_own_judgement_has_an_error() -> None:
    assert "error" not in gated().as_dict()
    assert gated().as_dict()["rollback"] is None
    assert gated(error="stopped").as_dict()["error"] == "stopped"


def test_measurements_hold_what_each_look_showed_of_each_check() -> None:
    queue = watched(load(name="queue"), Look(1.0, value=2.0), Look(2.0, error="broken"))
    failed = watched(errors(), counted(1.0, 1, 10), Look(2.0, gap="gone"), counted(3.0004, 0, 5))
    assert measurements([failed, queue]) == [
        {"at": 1.0, "errors": {"bad": 1, "total": 10}, "queue": {"value": 2.0}},
        {"at": 2.0, "errors": {"no_data": "gone"}, "queue": {"error": "broken"}},
        {"at": 3.0, "errors": {"bad": 0, "total": 5}},
    ]


def test_measurements_show_how_the_evidence_has_grown() -> None:
    one = watched(errors(), counted(1.0, 1, 10))
    one.weighed.append((1.0, 0.5, 0.123456))
    one.evidence.add(counted(2.0, 0, 5))
    assert measurements([one]) == [
        {"at": 1.0, "errors": {"bad": 1, "total": 10, "against": 0.5, "for": 0.1235}},
        {"at": 2.0, "errors": {"bad": 0, "total": 5}},
    ]


def test_of_a_long_gate_the_latest_measurements_are_returned() -> None:
    long = watched(errors(), *(counted(float(at), 0, 1) for at in range(RETURNED + 30)))
    short = watched(load(), *(Look(float(at), value=1.0) for at in range(5)))
    found = measurements([long, short])
    assert [one["at"] for one in found] == [float(at) for at in range(30, RETURNED + 30)]


@pytest.mark.parametrize("count", [0.5, 1.25])
def test_a_fraction_stays_what_it_is(count: float) -> None:
    assert whole(count) == count


@given(st.integers(0, 2**53))
def test_a_count_without_a_fraction_is_written_without_a_point(count: int) -> None:
    assert json.dumps(whole(float(count))) == str(count)
