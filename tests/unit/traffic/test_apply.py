# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same behaviour for every kind of route, whatever happens to its writes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split

from tests.unit.traffic.builders import PATHS
from tests.unit.traffic.fake_api import FakeClock
from tests.unit.traffic.moves import ASKED, BEFORE, KINDS, fails, move, now_at, other_field, other_split, start


@pytest.mark.parametrize("kind", KINDS)
def test_a_split_is_set_once_and_found_the_second_time(kind: str) -> None:
    api = start(kind)
    change = move(api, kind)
    assert (change.changed, change.before, change.after, change.attempts, change.note) == (True, BEFORE, ASKED, 1, "")
    assert now_at(api, kind) == ASKED
    again = move(api, kind)
    assert (again.changed, again.before, again.after, again.attempts) == (False, ASKED, ASKED, 0)
    assert len(api.writes) == 1
    assert again.as_dict() == {
        "changed": False,
        "before": {"stable": 90, "canary": 10},
        "after": {"stable": 90, "canary": 10},
        "attempts": 0,
    }


@pytest.mark.parametrize("kind", KINDS)
def test_check_mode_asks_for_a_dry_run_and_changes_nothing(kind: str) -> None:
    api = start(kind)
    change = move(api, kind, check_mode=True)
    assert (change.changed, change.before, change.after) == (True, BEFORE, ASKED)
    assert [dry for _path, _patch, dry in api.writes] == [True]
    assert now_at(api, kind) == BEFORE
    move(api, kind)
    assert not move(api, kind, check_mode=True).changed


@pytest.mark.parametrize(("fault", "error"), [(403, "refused"), (422, "refused"), ("before", "unreachable")])
def test_check_mode_says_what_the_api_server_would_say(fault: int | str, error: str) -> None:
    caught = fails(start("httproute", faults=[fault]), "httproute", check_mode=True)
    assert (caught.error, caught.data["changed"]) == (error, False)
    assert "in a dry run; nothing changed" in str(caught)


@pytest.mark.parametrize("kind", KINDS)
def test_a_lost_race_is_tried_again_while_the_split_is_untouched(kind: str) -> None:
    api = start(kind, before_write=[other_field(kind), other_field(kind)])
    change = move(api, kind)
    assert (change.changed, change.after, change.attempts) == (True, ASKED, 3)
    assert now_at(api, kind) == ASKED


@pytest.mark.parametrize("kind", KINDS)
def test_somebody_else_may_want_the_same(kind: str) -> None:
    change = move(start(kind, before_write=[other_split(kind, 90, 1 if kind == "replicas" else 10)]), kind)
    assert (change.changed, change.before, change.after) == (False, BEFORE, ASKED)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", ["after", "500 after"])
def test_a_lost_answer_is_looked_up(kind: str, fault: str) -> None:
    api = start(kind, faults=[fault])
    change = move(api, kind)
    assert (change.changed, change.after, change.attempts) == (True, ASKED, 1)
    assert len(api.writes) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", ["before", "unreachable", 409, 429, 500, 503])
def test_a_write_that_did_not_arrive_is_sent_again(kind: str, fault: int | str) -> None:
    api = start(kind, faults=[fault, fault])
    change = move(api, kind)
    assert (change.changed, change.after, change.attempts) == (True, ASKED, 3)
    assert now_at(api, kind) == ASKED


def test_a_late_arrival_of_a_lost_write_is_recognised() -> None:
    api = start("httproute", faults=["before", 409])
    api.before_write = [lambda api: None, other_split("httproute", 90, 10)]
    change = move(api, "httproute")
    assert (change.changed, change.after) == (True, ASKED)


def test_a_rule_that_is_gone_at_the_second_look() -> None:
    api = start("httproute", before_write=[lambda api: api.change(PATHS["httproute"], _drop_rules)])
    caught = fails(api, "httproute")
    assert (caught.error, caught.data["changed"], caught.data["before"]) == ("no_rule", False, BEFORE.as_dict())


def _drop_rules(obj: dict[str, Any]) -> None:
    obj["spec"]["rules"] = []


def test_an_object_that_is_gone_when_it_is_written() -> None:
    api = start("httproute", before_write=[lambda api: api.objects.clear()])
    assert fails(api, "httproute").error == "no_route"


@pytest.mark.parametrize(
    ("faults", "error"),
    [(["unreachable"], "unreachable"), (["lost"], "unreachable"), ([403], "refused"), ([500], "server_error")],
)
def test_a_first_reading_that_fails_is_final(faults: list[int | str], error: str) -> None:
    clock = FakeClock()
    caught = fails(start("httproute", read_faults=faults), "httproute", clock=clock)
    assert (caught.error, caught.data) == (error, {"changed": False})
    assert "could not be read, so nothing was written" in str(caught)
    assert clock.slept == []


def test_who_insists_reads_until_the_deadline() -> None:
    faults: list[int | str] = ["unreachable", "lost", 500, 429]
    assert move(start("httproute", read_faults=faults), "httproute", insist=True).changed
    clock = FakeClock()
    caught = fails(start("httproute", read_faults=["lost"] * 99), "httproute", insist=True, clock=clock)
    assert caught.error == "unreachable"
    assert 4.0 <= sum(clock.slept) <= 5.0
    assert fails(start("httproute", read_faults=[403]), "httproute", insist=True).error == "refused"


def test_names_must_be_those_of_the_route() -> None:
    caught = fails(start("httproute"), "httproute", asked=Split((("stable", 90), ("cannary", 10))))
    assert caught.error == "unknown_backend"
    assert "split.cannary: route.backends has no 'cannary', it has stable, canary" in str(caught)
    caught = fails(start("httproute"), "httproute", asked=Split((("stable", 100),)))
    assert caught.error == "bad_split"
    assert "what canary gets" in str(caught)
