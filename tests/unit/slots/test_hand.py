# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate's hand on a switch."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.slots.hand import SlotSwitch
from ansible_collections.slipway.rollout.plugins.module_utils.slots.notes import FORMER, LEFT
from ansible_collections.slipway.rollout.plugins.module_utils.slots.pods import Wanted
from ansible_collections.slipway.rollout.plugins.module_utils.slots.route import whole
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError

from tests.unit.slots.builders import NEW, OLD, SERVICE, follow_selector, put_pods, route, shop, switch
from tests.unit.traffic.builders import CORE
from tests.unit.traffic.fake_api import FakeApi, FakeClock


def hand(api: FakeApi, kind: str = "service", clock: FakeClock | None = None, **changes: Any) -> SlotSwitch:
    fields: dict[str, Any] = {
        "route": route(api, kind),
        "way_back": route(api, kind, back=True),
        "split": whole(switch(kind), "green"),
        "on_fail": whole(switch(kind), "blue"),
        "clock": clock or FakeClock(),
        "observe_timeout": 5.0,
        "wanted": Wanted(3, NEW),
    }
    return SlotSwitch(**fields | changes)


def live(api: FakeApi) -> str:
    return str(api.objects[SERVICE]["spec"]["selector"]["slot"])


def notes(api: FakeApi) -> dict[str, str]:
    found: dict[str, str] = api.objects[SERVICE]["metadata"].get("annotations", {})
    return found


def test_users_go_there_and_back_and_what_failed_is_not_noted_as_a_way_back() -> None:
    api = shop()
    mine = hand(api)
    change = mine.shift()
    assert change is not None
    assert (change.changed, live(api), notes(api)) == (True, "green", {FORMER: "blue"})
    back = mine.restore()
    assert back is not None
    assert (back.done, back.changed, live(api), notes(api)) == (True, True, "blue", {LEFT: "green"})


def test_a_rehearsal_asks_for_both_writes_and_makes_none() -> None:
    api = shop()
    mine = hand(api)
    before, after = mine.rehearse()
    assert (before, after) == (whole(switch(), "blue"), whole(switch(), "green"))
    assert (live(api), [dry for _path, _patch, dry in api.writes]) == ("blue", [True])


@pytest.mark.parametrize(("wanted", "error"), [(Wanted(4), "not_ready"), (Wanted(1, OLD), "wrong_image")])
def test_nobody_is_sent_to_a_slot_that_is_not_fit(wanted: Wanted, error: str) -> None:
    api = shop()
    with pytest.raises(TrafficError) as caught:
        hand(api, wanted=wanted).shift()
    assert (caught.value.error, live(api)) == (error, "blue")


def test_a_slot_that_is_live_is_not_looked_at_again() -> None:
    assert hand(shop("green"), wanted=Wanted(9)).shift() is not None


def test_without_a_slot_to_go_to_nothing_is_shifted() -> None:
    assert hand(shop(), split=None).shift() is None
    assert hand(shop(), on_fail=None).restore() is None


def test_a_cluster_that_does_not_answer_before_the_switch() -> None:
    api = shop()
    api.read_faults = ["unreachable"]
    with pytest.raises(TrafficError, match="was not switched"):
        hand(api).shift()


def test_users_are_not_taken_back_to_where_nobody_serves() -> None:
    api = shop("green")
    for number in range(3):
        del api.objects[f"{CORE}/pods/blue-{number}"]
    back = hand(api).restore()
    assert back is not None
    assert (back.done, live(api)) == (False, "green")
    assert "blue has no ready pod" in back.error
    put_pods(api, "blue", 1)
    back = hand(api).restore()
    assert back is not None
    assert (back.done, live(api)) == (True, "blue")


def test_not_knowing_is_no_reason_to_stay() -> None:
    api = shop("green")
    api.read_faults = ["unreachable"]
    back = hand(api).restore()
    assert back is not None
    assert (back.done, live(api)) == (True, "blue")


def test_the_gate_may_not_pass_before_the_cluster_has_followed() -> None:
    api, clock = shop(), FakeClock()
    mine = hand(api, clock=clock)
    assert mine.hold() == ""
    mine.shift()
    assert mine.hold() == "traffic has not followed yet"
    api.read_faults = ["unreachable"]
    assert mine.hold() == "traffic has not followed yet"
    follow_selector(api)
    assert mine.hold() == ""
    api.put(f"{CORE}/pods/green-9", {"metadata": {"labels": {"app": "shop", "slot": "green"}}})
    assert mine.hold() == ""


def test_a_switch_that_nobody_follows_fails_the_gate() -> None:
    clock = FakeClock()
    mine = hand(shop(), clock=clock)
    mine.shift()
    clock.sleep(6)
    with pytest.raises(TrafficError, match="traffic has not followed: service production/shop still has 3") as caught:
        mine.hold()
    assert caught.value.error == "not_followed"


def test_a_plan_says_which_slots_are_meant() -> None:
    lines = ["Switches service production/shop to green.", "Puts service production/shop back to blue when it fails."]
    assert hand(shop()).describe() == lines
    assert hand(shop(), split=None, on_fail=None).describe() == [
        "Puts nothing back when it fails: on_fail_slot is not given."
    ]
