# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.slots.notes import FORMER, LEFT
from ansible_collections.slipway.rollout.plugins.module_utils.slots.target import Aim, former_of, resolve
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError

from tests.unit.slots.builders import SERVICE, route, shop


def aim(live: str = "green", notes: dict[str, str] | None = None, **params: Any) -> str:
    api = shop(live)
    api.change(SERVICE, lambda obj: obj["metadata"].update(annotations=notes or {}))
    switch = route(api)
    return resolve(Aim.parse(params), switch, switch.read())


def test_a_named_slot_is_gone_to() -> None:
    assert aim(slot="blue") == "blue"
    assert aim(slot="blue", state="previous", notes={FORMER: "green"}) == "blue"
    with pytest.raises(TrafficError, match="slot is 'red'"):
        aim(slot="red")


def test_nothing_named_is_nothing_to_do() -> None:
    assert aim() == ""


def test_the_way_back_is_noted() -> None:
    assert aim(state="previous", notes={FORMER: "blue"}) == "blue"


def test_going_back_twice_goes_back_once() -> None:
    assert aim("blue", state="previous", notes={LEFT: "green"}) == "blue"


@pytest.mark.parametrize(
    ("notes", "words"),
    [({}, "has no annotation slipway.rollout/former-slot"), ({FORMER: "red"}, "it notes 'red', which is no slot")],
)
def test_a_way_back_that_is_not_known(notes: dict[str, str], words: str) -> None:
    with pytest.raises(TrafficError) as caught:
        aim(state="previous", notes=notes)
    assert caught.value.error == "no_former"
    assert words in str(caught.value)


@pytest.mark.parametrize(("noted", "former"), [("blue", "blue"), ("green", ""), ("red", ""), ("", "")])
def test_the_former_slot_is_another_than_the_live_one(noted: str, former: str) -> None:
    api = shop("green")
    api.change(SERVICE, lambda obj: obj["metadata"].update(annotations={FORMER: noted}))
    switch = route(api)
    assert former_of(switch, switch.read()) == former
