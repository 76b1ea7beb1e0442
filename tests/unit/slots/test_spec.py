# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.slots.spec import parse_switch
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError

from tests.unit.slots.builders import options, switch


def test_a_slot_is_called_what_its_label_says_unless_it_says_otherwise() -> None:
    assert switch().values == {"blue": "blue", "green": "green"}
    assert switch(slots={"blue": {"value": "b"}, "green": None}).values == {"blue": "b", "green": "green"}
    assert switch().describe() == "service production/shop"
    assert switch("httproute", namespace="edge", rule="users").describe() == "httproute edge/shop rule 'users'"


def test_the_other_slot() -> None:
    assert (switch().other("blue"), switch().other("green")) == ("green", "blue")


def test_a_slot_that_there_is_not() -> None:
    assert switch().check("green", "slot") == "green"
    with pytest.raises(TrafficError, match="on_fail_slot is 'grün', but switch.slots has blue and green") as caught:
        switch().check("grün", "on_fail_slot")
    assert caught.value.error == "unknown_slot"


def test_a_slot_of_a_route_may_have_a_subset_and_a_port() -> None:
    slots = {"blue": {"service": "shop", "subset": "b", "port": "80"}, "green": {"service": "shop", "subset": "g"}}
    blue, green = switch("virtualservice", slots=slots).route.backends
    assert (blue.subset, blue.port, green.port) == ("b", 80, None)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"slots": {"blue": {}}}, "switch.slots names 1 slots; a switch has two, such as"),
        ({"slots": None}, "switch.slots names 0 slots"),
        ({"slots": {"blue": "shop-blue", "green": {}}}, "switch.slots.blue is 'shop-blue'; write a mapping"),
        ({"slots": {"blue": {"subset": "b"}, "green": {}}}, "has 'subset', which kind service does not know"),
        ({"slots": {"blue": {"value": "x"}, "green": {"value": "x"}}}, "blue and green mean the same"),
        ({"kind": "httproute", "slots": {"blue": {}, "green": {}}}, "switch.slots.blue needs 'service'"),
        ({"kind": "grpcroute", "slots": {"a": {"service": "x", "port": "http"}, "b": {}}}, "port is 'http'"),
        ({"kind": "httproute", "slots": {"a": {"service": "x"}, "b": {"service": "x"}}}, "a and b mean the same"),
    ],
)
def test_what_cannot_be_a_switch_is_refused_by_field_and_value(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(TrafficError) as caught:
        parse_switch({"namespace": "production", "switch": options(**changes)})
    assert words in str(caught.value)
    assert caught.value.error == "bad_switch"


def test_it_needs_a_namespace() -> None:
    with pytest.raises(TrafficError, match="Set namespace, or switch.namespace"):
        parse_switch({"namespace": None, "switch": options()})
