# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same behaviour for every kind of route, whatever happens to its writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.apply import SplitChange, apply_split
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split

from tests.unit.traffic.builders import APPS, PATHS, put_route, route, split
from tests.unit.traffic.fake_api import FakeApi, FakeClock

WEIGHTED = ["virtualservice", "httproute", "grpcroute"]
KINDS = [*WEIGHTED, "replicas"]
# Pods that make 90 % and 10 %, so that one set of figures serves every kind.
OPTIONS: dict[str, dict[str, Any]] = {"replicas": {"capacity": 10, "keep": (("stable", 9),)}}
BEFORE, ASKED = split(100, 0), split(90, 10)


def start(kind: str, **faults: Any) -> FakeApi:
    api = FakeApi(**faults)
    put_route(api, kind, 100 if kind in WEIGHTED else 9, 0)
    return api


def move(
    api: FakeApi,
    kind: str,
    asked: Split = ASKED,
    *,
    check_mode: bool = False,
    seconds: float = 5.0,
    clock: FakeClock | None = None,
    insist: bool = False,
) -> SplitChange:
    clock = clock or FakeClock()
    options = OPTIONS.get(kind, {})
    there = route(api, kind, **options)
    deadline = clock.monotonic() + seconds
    return apply_split(there, asked, check_mode=check_mode, clock=clock, deadline=deadline, insist=insist)


def fails(api: FakeApi, kind: str, **options: Any) -> TrafficError:
    with pytest.raises(TrafficError) as caught:
        move(api, kind, **options)
    return caught.value


def now_at(api: FakeApi, kind: str) -> Split:
    api.read_faults.clear()
    return route(api, kind).read().split


def other_field(kind: str) -> Callable[[FakeApi], None]:
    """Somebody else changes something that is not the split."""
    path = f"{APPS}/shop-canary" if kind == "replicas" else PATHS[kind]
    return lambda api: api.change(path, lambda obj: obj["metadata"].update(annotations={"v": str(api.version)}))


def other_split(kind: str, stable: int, canary: int) -> Callable[[FakeApi], None]:
    def edit(obj: dict[str, Any]) -> None:
        if kind == "replicas":
            obj["spec"]["replicas"] = canary
        elif kind == "virtualservice":
            obj["spec"]["http"][1]["route"][0]["weight"] = stable
            obj["spec"]["http"][1]["route"][1]["weight"] = canary
        else:
            obj["spec"]["rules"][1]["backendRefs"][0]["weight"] = stable
            obj["spec"]["rules"][1]["backendRefs"][1]["weight"] = canary

    path = f"{APPS}/shop-canary" if kind == "replicas" else PATHS[kind]
    return lambda api: api.change(path, edit)


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
    assert [dry for _, _, dry in api.writes] == [True]
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


def test_a_late_arrival_of_a_lost_write_is_recognised() -> None:
    api = start("httproute", faults=["before", 409])
    api.before_write = [lambda api: None, other_split("httproute", 90, 10)]
    change = move(api, "httproute")
    assert (change.changed, change.after) == (True, ASKED)


def test_an_open_question_is_not_forgotten_over_a_later_server_error() -> None:
    caught = fails(start("httproute", faults=["before", *[503] * 50]), "httproute")
    assert caught.error == "outcome_unknown"


def test_a_lost_race_and_no_way_to_look() -> None:
    api = start("httproute", faults=[409], before_write=[lambda api: api.read_faults.extend(["unreachable"] * 50)])
    caught = fails(api, "httproute")
    assert (caught.error, caught.data["changed"], caught.data["after"]) == ("unreachable", False, BEFORE.as_dict())
    assert "could not be read again. Nothing was written." in str(caught)


def test_a_rule_that_is_gone_at_the_second_look() -> None:
    api = start("httproute", before_write=[lambda api: api.change(PATHS["httproute"], _drop_rules)])
    caught = fails(api, "httproute")
    assert (caught.error, caught.data["changed"], caught.data["before"]) == ("no_rule", False, BEFORE.as_dict())


def _drop_rules(obj: dict[str, Any]) -> None:
    obj["spec"]["rules"] = []


def test_an_object_that_is_gone_when_it_is_written() -> None:
    api = start("httproute", before_write=[lambda api: api.objects.clear()])
    assert fails(api, "httproute").error == "no_route"


def test_admission_that_writes_something_else_is_noticed() -> None:
    def half(obj: dict[str, Any]) -> None:
        obj["spec"]["rules"][1]["backendRefs"][1]["weight"] = 50

    api = start("httproute", admission=half)
    caught = fails(api, "httproute")
    assert (caught.error, caught.data["changed"]) == ("altered", True)
    assert caught.data["after"] == now_at(api, "httproute").as_dict()


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


class Controller:
    """Makes pods ready at the n-th look, as a Deployment's controller does."""

    def __init__(self, api: FakeApi, looks: int) -> None:
        self.api, self.looks = api, looks

    def __call__(self) -> None:
        self.looks -= 1
        for name in ("shop-main", "shop-canary"):
            if self.looks == 0:
                self.api.change(f"{APPS}/{name}", self._all_ready, manager="controller")

    @staticmethod
    def _all_ready(obj: dict[str, Any]) -> None:
        obj["status"]["readyReplicas"] = obj["spec"]["replicas"]


def pods(api: FakeApi) -> list[tuple[str, int]]:
    return [(path.rsplit("/", 1)[1], patch[1]["value"]) for path, patch, _ in api.writes]


def shift(api: FakeApi, clock: FakeClock, **options: Any) -> SplitChange:
    deadline = clock.monotonic() + 5.0
    return apply_split(
        route(api, "replicas"), split(50, 50), check_mode=False, clock=clock, deadline=deadline, **options
    )


def test_pods_come_are_waited_for_and_only_then_go() -> None:
    api = start("replicas")
    clock = FakeClock(on_sleep=Controller(api, 3))
    change = shift(api, clock)
    assert pods(api) == [("shop-canary", 4), ("shop-main", 5)]
    assert len(clock.slept) == 3
    assert (change.changed, change.after.as_dict()) == (True, {"stable": 56, "canary": 44})
    assert change.note == (
        "Asked for stable 50 %, canary 50 %; the pods (stable 5, canary 4) give stable 56 %, canary 44 %."
    )
    assert change.as_dict()["note"] == change.note


def test_check_mode_plans_every_step() -> None:
    api = start("replicas")
    there = route(api, "replicas")
    change = apply_split(there, split(50, 50), check_mode=True, clock=FakeClock(), deadline=0.0)
    assert pods(api) == [("shop-canary", 4), ("shop-main", 5)]
    assert change.after.as_dict() == {"stable": 56, "canary": 44}


def test_pods_that_never_become_ready_take_nothing_from_the_others() -> None:
    api = start("replicas")
    with pytest.raises(TrafficError) as caught:
        shift(api, FakeClock())
    assert caught.value.error == "not_ready"
    assert caught.value.data["changed"] is True
    assert caught.value.data["after"] == {"stable": 69, "canary": 31}
    assert "canary has 0 of 4 pods ready, and time is up" in str(caught.value)
    assert "Earlier steps were written: it is now at stable 69 %, canary 31 %." in str(caught.value)


def test_who_insists_goes_on_after_the_deadline() -> None:
    api = start("replicas")
    assert shift(api, FakeClock(), insist=True).changed
    assert pods(api) == [("shop-canary", 4), ("shop-main", 5)]


def test_a_change_by_others_while_pods_are_waited_for_is_refused() -> None:
    api = start("replicas")
    autoscaler = other_split("replicas", 0, 6)
    clock = FakeClock(on_sleep=lambda: autoscaler(api))
    with pytest.raises(TrafficError, match="changed by kubectl-edit") as caught:
        shift(api, clock)
    assert (caught.value.error, caught.value.data["changed"]) == ("conflict", True)
