# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""slot_switch, from options to result."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.slots.change import put_back, switch_slot
from ansible_collections.slipway.rollout.plugins.module_utils.slots.notes import FORMER, LEFT
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError

from tests.unit.slots.builders import NEW, OLD, SERVICE, follow_selector, options, params, path_of, shop
from tests.unit.traffic.builders import PATHS
from tests.unit.traffic.fake_api import FakeApi, FakeClock, Obj


def run(api: FakeApi, kind: str = "service", *, check_mode: bool = False, **changes: Any) -> Obj:
    clock = FakeClock(on_sleep=lambda: follow_selector(api))
    return switch_slot(Cluster(api), params(kind, **changes), clock, check_mode=check_mode)


def fails(api: FakeApi, kind: str = "service", **changes: Any) -> TrafficError:
    with pytest.raises(TrafficError) as caught:
        run(api, kind, **changes)
    return caught.value


def test_a_switch_is_done_when_the_endpoints_have_followed() -> None:
    api = shop()
    result = run(api, slot="green", min_ready=3, image=NEW)
    assert (result["changed"], result["before"], result["after"], result["live"]) == (True, "blue", "green", "green")
    assert result["former"] == "blue"
    assert result["msg"] == "service production/shop is now at green."
    assert result["observation"]["by"] == "endpoints"
    assert result["observation"]["followed"] is True
    assert (result["diff"]["before"], result["diff"]["after"]) == ("blue\n", "green\n")
    assert result["seconds"] >= 0.25


def test_a_switch_that_is_there_already_writes_nothing() -> None:
    api = shop("green")
    result = run(api, slot="green")
    assert (result["changed"], result["msg"]) == (False, "service production/shop already was at green.")
    assert api.writes == []


@pytest.mark.parametrize("kind", ["virtualservice", "httproute", "grpcroute"])
def test_a_route_is_not_waited_for_unless_it_is_observed(kind: str) -> None:
    result = run(shop(), kind, slot="green")
    assert result["changed"]
    assert "observation" not in result


def test_check_mode_asks_and_writes_nothing() -> None:
    api = shop()
    result = run(api, slot="green", check_mode=True)
    assert (result["changed"], result["live"], result["msg"]) == (
        True,
        "green",
        "service production/shop would be at green.",
    )
    assert [dry for _path, _patch, dry in api.writes] == [True]
    assert api.objects[SERVICE]["spec"]["selector"]["slot"] == "blue"


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"min_ready": 4}, "not_ready"), ({"image": OLD}, "wrong_image"), ({"slot": "x"}, "unknown_slot")],
)
def test_a_slot_that_is_not_fit_is_refused_before_any_write(changes: Obj, error: str) -> None:
    api = shop()
    assert fails(api, **{"slot": "green", **changes}).error == error
    assert api.writes == []


def test_a_live_slot_is_not_refused_for_what_it_lacks() -> None:
    assert not run(shop("green"), slot="green", min_ready=9)["changed"]


def test_previous_goes_back_once() -> None:
    api = shop()
    run(api, slot="green")
    assert run(api, state="previous")["after"] == "blue"
    again = run(api, state="previous")
    assert (again["changed"], again["after"]) == (False, "blue")
    assert api.objects[SERVICE]["metadata"]["annotations"] == {LEFT: "green"}
    run(api, slot="green")
    assert api.objects[SERVICE]["metadata"]["annotations"] == {FORMER: "blue"}


def test_without_a_slot_it_reads() -> None:
    api = shop()
    result = run(api)
    assert (result["changed"], result["live"], result["former"]) == (False, "blue", "")
    assert result["msg"] == "service production/shop is at blue."
    assert result["slots"]["green"]["ready"] == 3
    assert api.writes == []


@pytest.mark.parametrize("kind", ["service", "virtualservice"])
def test_a_race_is_tried_again_and_somebody_elses_switch_is_not_overwritten(kind: str) -> None:
    api = shop()
    path = path_of(kind)
    api.before_write = [lambda api: api.change(path, lambda obj: obj["metadata"].update(labels={"team": "shop"}))]
    assert run(api, kind, slot="green")["attempts"] == 2
    api = shop()
    api.faults = [409]
    api.before_write = [lambda api: api.change(path, lambda obj: None)]
    assert run(api, kind, slot="green")["changed"]


def test_a_lost_answer_is_looked_up() -> None:
    api = shop()
    api.faults = ["after"]
    assert run(api, slot="green")["changed"] is True


def test_a_split_is_somebody_elses_rollout() -> None:
    api = shop(single=False)
    api.change(PATHS["virtualservice"], lambda obj: obj["spec"]["http"][1]["route"][1].update(weight=100))
    error = fails(api, "virtualservice", slot="green")
    assert (error.error, error.data["changed"]) == ("split", False)
    back = run(api, "virtualservice", slot="blue", state="previous")
    assert (back["before"], back["after"]) == ("blue 50 %, green 50 %", "blue")


def test_endpoints_that_do_not_follow_are_an_error_that_says_what_is_true() -> None:
    api = shop()
    with pytest.raises(TrafficError) as caught:
        switch_slot(Cluster(api), params(slot="green", observe_timeout=1.0), FakeClock(), check_mode=False)
    assert caught.value.error == "not_followed"
    assert caught.value.data["after"] == "green"
    assert "still has 3 endpoints outside of green" in str(caught.value)


@pytest.mark.parametrize("fault", ["unreachable", 403])
def test_a_cluster_that_cannot_be_read(fault: str | int) -> None:
    api = shop()
    api.read_faults = [fault]
    assert "nothing was written" in str(fails(api, slot="green"))
    api.read_faults = ["-", "-", fault]
    assert "could not be read" in str(fails(api))


def test_a_cluster_that_does_not_answer_any_more_after_the_switch() -> None:
    api = shop()
    api.read_faults = ["-", "-", "-", "unreachable"]
    error = fails(api, slot="green", observe=True)
    assert (error.error, error.data["after"]) == ("unreachable", "green")


def test_what_the_ledger_notes_puts_users_back() -> None:
    api = shop()
    run(api, slot="green")
    noted = {"namespace": "production", "switch": options(), "state": "previous", "slot": "blue"}
    clock = FakeClock(on_sleep=lambda: follow_selector(api))
    assert put_back(Cluster(api), noted, clock) == "service production/shop is now at blue."


def test_draining_is_a_part_of_what_is_observed(monkeypatch: pytest.MonkeyPatch) -> None:
    api = shop("green")
    result = run(api, slot="green", observe=True, observe_timeout=0.5, drain=0.5)
    assert result["observation"]["by"] == "endpoints"
    assert result["drained"]["slot"] == "blue"
    assert "warning" in result["drained"]
