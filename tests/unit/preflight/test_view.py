# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the cluster: what is missing is named, and what may not be read is told once and elsewhere."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import (
    DEPLOYMENT,
    NAMESPACE,
    SERVICE,
    VIRTUAL_SERVICE,
    Unreachable,
)

from tests.unit.preflight.world import ROUTE, World

MAIN = DEPLOYMENT.path("production", "shop-main")
SHOP = VIRTUAL_SERVICE.path("production", "shop")


def test_a_missing_deployment_is_told_with_near_names() -> None:
    problem = World().problem(stable="shop-mian")
    assert problem.text() == (
        "stable: there is no Deployment 'shop-mian' in namespace 'production'; expected one of shop-main, shop-canary. "
        "Correct the name."
    )


def test_a_missing_canary_is_told_with_how_to_make_it() -> None:
    world = World()
    world.store.remove(DEPLOYMENT, "production", "shop-canary")
    problem = world.problem()
    assert (problem.field, problem.expected) == ("canary", "shop-main")
    assert "make the canary: a copy of shop-main with labels of its own and 0 replicas" in problem.remedy


def test_a_namespace_that_does_not_exist_is_one_problem() -> None:
    world = World()
    world.put(NAMESPACE, {"metadata": {"name": "prod"}}, None)
    problem = world.problem(namespace="prdo", route=ROUTE | {"namespace": "prdo"})
    assert problem.text().startswith("namespace: there is no namespace 'prdo' in this cluster; expected one of prod")


def test_a_namespace_that_may_not_be_listed_is_not_guessed_at() -> None:
    world = World()
    world.store.failures[NAMESPACE.path(None)] = [403, 403]
    assert {problem.field for problem in world.problems(namespace="prdo")} == {"stable", "canary", "route"}


def test_what_may_not_be_read_is_no_problem_of_its_own() -> None:
    world = World()
    world.store.failures |= {MAIN: [403], SHOP: [403]}
    assert world.problems() == ()
    world.store.failures |= {MAIN: [403], SHOP: [500]}
    assert [problem.field for problem in world.problems()] == ["route"]


def test_a_missing_route_and_a_missing_service() -> None:
    world = World()
    world.store.remove(SERVICE, "production", "shop-canary")
    assert "route.backends.canary is Service 'shop-canary'" in world.problem().found
    world.store.remove(VIRTUAL_SERVICE, "production", "shop")
    assert "There is no VirtualService 'shop'" in world.problem().found


def test_an_api_server_that_is_away_ends_it() -> None:
    world = World()
    world.store.failures[MAIN] = [Unreachable("refused")]
    with pytest.raises(Unreachable):
        world.inspect()
