# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import (
    DEPLOYMENT,
    SERVICE,
    VIRTUAL_SERVICE,
    Unreachable,
)

from tests.unit.slots.world import World
from tests.unit.traffic.builders import destination


@pytest.mark.parametrize("kind", ["service", "virtualservice"])
def test_which_slot_is_live_and_what_both_have(kind: str) -> None:
    seen = World().look(kind)
    assert seen.problems == []
    assert (seen.slot_live, seen.slot_idle) == ("blue", "green")
    blue, green = seen.deployment("blue"), seen.deployment("green")
    assert blue is not None
    assert green is not None
    assert (blue["metadata"]["name"], green["metadata"]["name"]) == ("shop-blue", "shop-green")
    assert seen.serving is not None
    assert len(seen.serving.ready) == 3


def test_a_slot_must_name_its_deployment() -> None:
    problems = World().look(slots={"blue": {}, "green": {"deployment": "shop-green"}}).problems
    assert [problem.field for problem in problems] == ["switch.slots.blue"]


def test_a_deployment_that_is_not_there() -> None:
    world = World()
    world.store.remove(DEPLOYMENT, "production", "shop-green")
    (problem,) = world.look().problems
    assert problem.field == "switch.slots.green.deployment"
    assert problem.expected == "shop-blue"
    assert "make it: a copy of shop-blue" in problem.remedy


@pytest.mark.parametrize(
    ("fault", "field", "words"),
    [
        (404, "switch", "no Service 'shop'"),
        (403, "permissions", "cannot be read"),
        (Unreachable("no route to host"), "switch", "no route to host"),
    ],
)
def test_a_switch_that_cannot_be_read(fault: int | Exception, field: str, words: str) -> None:
    world = World()
    world.store.failures[SERVICE.path("production", "shop")] = [fault]
    (problem,) = world.look().problems
    assert problem.field == field
    assert words in problem.found


def test_users_on_both_slots() -> None:
    world = World()
    both = [destination("shop-blue", 90), destination("shop-green", 10)]
    world.change(VIRTUAL_SERVICE, "shop", lambda obj: obj["spec"]["http"][0].update(route=both))
    (problem,) = world.look("virtualservice").problems
    assert "is split: blue 90 %, green 10 %" in problem.found


def test_what_may_not_be_read_is_told_elsewhere() -> None:
    world = World()
    world.store.failures[DEPLOYMENT.path("production", "shop-green")] = [403]
    world.store.failures[SERVICE.path("production")] = [403]
    seen = world.look()
    assert (seen.problems, seen.view.canary, seen.services) == ([], None, [])
