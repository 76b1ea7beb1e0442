# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Autoscalers, disruption budgets and update strategies."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT, HPA, PDB
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.scaling import FORMER_FLOOR

from tests.unit.preflight.world import World, budget, hpa


def test_stable_s_autoscaler_is_described() -> None:
    world = World()
    world.put(HPA, hpa())
    world.put(HPA, hpa("other", target="something-else"))
    found = world.inspect().facts["stable"]["hpa"]
    assert found == {"name": "shop", "minimum": 2, "maximum": 10, "floor": 2, "raised": 3}


@pytest.mark.parametrize(
    ("least", "most", "annotations", "floor", "raised"),
    [
        (5, 10, {}, 5, 5),  # already above what is live
        (1, 2, {}, 1, 2),  # as far as the HPA allows any
        (3, 10, {FORMER_FLOOR: "1"}, 1, 3),  # raised by a run that did not end
        (3, 10, {FORMER_FLOOR: "x"}, 3, 3),
    ],
)
def test_its_floor_is_raised_to_what_is_live(
    least: int, most: int, annotations: dict[str, str], floor: int, raised: int
) -> None:
    world = World()
    world.put(HPA, hpa(least=least, most=most, annotations=annotations))
    found = world.inspect().facts["stable"]["hpa"]
    assert (found["floor"], found["raised"]) == (floor, raised)


def test_an_autoscaler_without_a_floor_has_one_of_one() -> None:
    world = World()
    bare = hpa()
    del bare["spec"]["minReplicas"]
    world.put(HPA, bare)
    assert world.inspect().facts["stable"]["hpa"]["floor"] == 1


def test_an_autoscaler_on_the_canary_and_two_on_stable() -> None:
    world = World()
    world.put(HPA, hpa("wrong", target="shop-canary"))
    assert world.problem().field == "canary"
    world = World()
    for name in ("a", "b"):
        world.put(HPA, hpa(name))
    assert world.problem().found == "HPAs a, b all scale Deployment shop-main"


def test_keda_is_worth_a_note() -> None:
    world = World()
    world.put(HPA, hpa(labels={"app.kubernetes.io/managed-by": "keda-operator"}))
    assert "belongs to KEDA" in world.inspect().notes[0]


@pytest.mark.parametrize(
    ("strategy", "promise", "kept"),
    [
        ({}, {"minAvailable": 3}, True),  # 25 % of 3 is rounded down to none
        ({"type": "Recreate"}, {"minAvailable": 1}, False),
        ({"rollingUpdate": {"maxUnavailable": 1}}, {"minAvailable": 2}, True),
        ({"rollingUpdate": {"maxUnavailable": 1}}, {"minAvailable": 3}, False),
        ({"rollingUpdate": {"maxUnavailable": "50%"}}, {"minAvailable": "75%"}, False),
        ({"rollingUpdate": {"maxUnavailable": 1}}, {"maxUnavailable": 0}, False),
        ({"rollingUpdate": {"maxUnavailable": 1}}, {"maxUnavailable": "30%"}, True),
    ],
)
def test_the_update_strategy_keeps_what_a_budget_promises(
    strategy: dict[str, Any], promise: dict[str, Any], kept: bool
) -> None:
    world = World()
    world.change(DEPLOYMENT, "shop-main", lambda obj: obj["spec"].update(strategy=strategy))
    world.put(PDB, budget(**promise))
    problems = world.problems()
    assert (problems == ()) is kept
    if not kept:
        assert "PodDisruptionBudget shop promises" in problems[0].found


def test_a_budget_for_other_pods_does_not_matter() -> None:
    world = World()
    world.change(DEPLOYMENT, "shop-main", lambda obj: obj["spec"].update(strategy={"type": "Recreate"}))
    world.put(PDB, {"metadata": {"name": "b"}, "spec": {"selector": {"matchLabels": {"app": "b"}}, "minAvailable": 1}})
    assert world.problems() == ()
