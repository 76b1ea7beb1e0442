# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which workload serves, where a switch says so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import SERVICE
from ansible_collections.slipway.rollout.plugins.module_utils.promotion.origin import Origin, found
from ansible_collections.slipway.rollout.plugins.module_utils.promotion.proof import prove
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.entry import Entry
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.ledger import Book
from ansible_collections.slipway.rollout.plugins.module_utils.slots.spec import parse_switch

from tests.unit.promotion.builders import NAMES, PROVEN, RELEASE, environment
from tests.unit.slots.builders import options
from tests.unit.store import Store

BLUE_GREEN = replace(PROVEN, strategy="blue_green")
SLOTS = {"blue": {"deployment": "shop-blue"}, "green": {"deployment": "shop-main"}}
SWITCH = parse_switch({"namespace": "shops", "switch": options(slots=SLOTS)})
ORIGIN = Origin(NAMES, "Deployment", "shop-blue", switch=SWITCH)


def shop(*history: Entry, live: str = "green") -> Store:
    store = environment(*history)
    store.put(SERVICE, "shops", {"metadata": {"name": "shop"}, "spec": {"selector": {"app": "shop", "slot": live}}})
    return store


@pytest.mark.parametrize(("live", "workload"), [("green", "shop-main"), ("blue", "shop-blue")])
def test_the_live_slot_serves(live: str, workload: str) -> None:
    assert found(shop(live=live).cluster(), ORIGIN, Book(None, (BLUE_GREEN,))).workload == workload


@pytest.mark.parametrize("history", [(), (PROVEN,), (PROVEN, BLUE_GREEN)])
def test_where_the_last_release_was_no_blue_green_the_name_says_it(history: tuple[Entry, ...]) -> None:
    assert found(Store().cluster(), ORIGIN, Book(None, history)) == ORIGIN
    assert found(Store().cluster(), replace(ORIGIN, switch=None), Book(None, (BLUE_GREEN,))).workload == "shop-blue"


def test_what_the_live_slot_has_is_proven() -> None:
    assert prove(shop(BLUE_GREEN).cluster(), ORIGIN, "", ()).problems == ()


def test_a_switch_that_is_not_there() -> None:
    (problem,) = prove(environment(BLUE_GREEN).cluster(), ORIGIN, "", ()).problems
    assert problem.text().startswith("testing: which slot is live cannot be told: There is no Service 'shop'")


def test_of_two_releases_of_an_image_the_one_with_this_configuration_counts() -> None:
    """Somebody has gone back to it."""
    later = replace(BLUE_GREEN, release={**RELEASE, "config": "h2"}, by="bob@ops")
    proof = prove(shop(later, BLUE_GREEN).cluster(), ORIGIN, "", ())
    assert (proof.problems, proof.by) == ((), "ann@ops")
