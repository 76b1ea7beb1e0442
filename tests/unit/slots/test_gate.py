# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError
from ansible_collections.slipway.rollout.plugins.module_utils.slots.gate import open_hand, parse_gate_switch
from ansible_collections.slipway.rollout.plugins.module_utils.slots.route import whole
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError

from tests.unit.slots.builders import params, shop, switch
from tests.unit.traffic.fake_api import FakeClock


def test_a_gate_may_do_without_a_switch() -> None:
    assert parse_gate_switch({"switch": None, "slot": None, "on_fail_slot": None}) is None


@pytest.mark.parametrize("field", ["slot", "on_fail_slot"])
def test_a_slot_without_a_switch(field: str) -> None:
    with pytest.raises(OptionError, match=f"{field} is given, but no switch to set"):
        parse_gate_switch({field: "green"})


@pytest.mark.parametrize("field", ["route", "split", "on_fail"])
def test_a_switch_is_no_route(field: str) -> None:
    with pytest.raises(OptionError, match=f"switch and {field} are both given"):
        parse_gate_switch(params(**{field: {"stable": 100}}))


def test_a_hand_is_opened_from_the_options() -> None:
    assert parse_gate_switch(params()) == switch()
    api = shop()
    hand = open_hand(params(slot="green", on_fail_slot="blue", observe=True), Cluster(api), FakeClock())
    assert (hand.split, hand.on_fail) == (whole(switch(), "green"), whole(switch(), "blue"))
    assert hand.counters is not None
    assert hand.counters() is not None
    hand = open_hand(params(), Cluster(api), FakeClock())
    assert (hand.split, hand.on_fail, hand.counters) == (None, None, None)
    with pytest.raises(TrafficError, match="on_fail_slot is 'red'"):
        open_hand(params(on_fail_slot="red"), Cluster(api), FakeClock())
