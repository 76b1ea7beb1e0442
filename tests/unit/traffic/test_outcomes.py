# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said, and carried, when a split could not be set. The cases are made by apply_split itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.traffic.moves import ASKED, BEFORE, KINDS, fails, now_at, other_field, other_split, start


@pytest.mark.parametrize("kind", KINDS)
def test_a_race_that_is_always_lost_ends(kind: str) -> None:
    api = start(kind, before_write=[other_field(kind)] * 50)
    caught = fails(api, kind, seconds=60.0)
    assert (caught.error, caught.data["changed"]) == ("conflict", False)
    assert caught.data["writers"][0]["manager"] == "kubectl-edit"
    assert "before each of 8 tries" in str(caught)
    assert now_at(api, kind) == BEFORE


@pytest.mark.parametrize("kind", KINDS)
def test_a_split_that_somebody_else_changed_is_refused_with_names(kind: str) -> None:
    api = start(kind, before_write=[other_split(kind, 50, 50)])
    caught = fails(api, kind)
    assert caught.error == "conflict"
    assert caught.data["changed"] is False
    assert caught.data["before"] == BEFORE.as_dict()
    assert caught.data["after"] == now_at(api, kind).as_dict()
    assert [writer["manager"] for writer in caught.data["writers"]] == ["kubectl-edit"]
    assert "changed by kubectl-edit 3 s ago. Nothing was written." in str(caught)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [400, 403, 422])
def test_a_refusal_is_final(kind: str, status: int) -> None:
    api = start(kind, faults=[status] * 9)
    caught = fails(api, kind)
    assert (caught.error, caught.data["changed"], caught.data["after"]) == ("refused", False, BEFORE.as_dict())
    assert "Nothing was written. PATCH" in str(caught)
    assert len(api.faults) == 8


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("fault", "error"), [("unreachable", "unreachable"), (429, "refused"), (500, "server_error"), (503, "server_error")]
)
def test_a_failure_that_stays_is_told_with_what_is_known(kind: str, fault: int | str, error: str) -> None:
    api = start(kind, faults=[fault] * 50)
    caught = fails(api, kind)
    assert (caught.error, caught.data["changed"], caught.data["after"]) == (error, False, BEFORE.as_dict())
    assert "when last read it was at stable 100 %, canary 0 %" in str(caught)


@pytest.mark.parametrize("kind", KINDS)
def test_answers_that_are_always_lost_leave_the_outcome_open(kind: str) -> None:
    api = start(kind, faults=["before"] * 50)
    caught = fails(api, kind)
    assert caught.error == "outcome_unknown"
    assert caught.data["changed"] is True
    assert caught.data["after"] is None
    assert caught.data["possible"] == [BEFORE.as_dict(), ASKED.as_dict()]
    assert "the write may yet arrive" in str(caught)


@pytest.mark.parametrize("kind", KINDS)
def test_a_lost_answer_and_no_way_to_look_is_said_exactly(kind: str) -> None:
    api = start(kind, faults=["after"], before_write=[lambda api: api.read_faults.extend(["lost"] * 50)])
    caught = fails(api, kind)
    assert caught.error == "outcome_unknown"
    assert "could not be read again" in str(caught)
    what = "deployment shop-main shop-canary" if kind == "replicas" else f"{kind} shop -o yaml"
    assert f"kubectl -n production get {what}. Then run this again, which is safe" in str(caught)
    assert "at stable 100 %, canary 0 % if the write was lost and at stable 90 %, canary 10 % if it was not" in str(
        caught
    )


def test_an_open_question_is_not_forgotten_over_a_later_server_error() -> None:
    caught = fails(start("httproute", faults=["before", *[503] * 50]), "httproute")
    assert caught.error == "outcome_unknown"


def test_a_lost_race_and_no_way_to_look() -> None:
    api = start("httproute", faults=[409], before_write=[lambda api: api.read_faults.extend(["unreachable"] * 50)])
    caught = fails(api, "httproute")
    assert (caught.error, caught.data["changed"], caught.data["after"]) == ("unreachable", False, BEFORE.as_dict())
    assert "could not be read again. Nothing was written." in str(caught)


def test_admission_that_writes_something_else_is_noticed() -> None:
    def half(obj: dict[str, Any]) -> None:
        obj["spec"]["rules"][1]["backendRefs"][1]["weight"] = 50

    api = start("httproute", admission=half)
    caught = fails(api, "httproute")
    assert (caught.error, caught.data["changed"]) == ("altered", True)
    assert caught.data["after"] == now_at(api, "httproute").as_dict()
