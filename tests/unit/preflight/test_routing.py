# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backends whose Services select the wrong pods."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import SERVICE

from tests.unit.preflight.world import REPLICAS_ROUTE, World


def select(world: World, service: str, **selector: str) -> None:
    world.change(SERVICE, service, lambda obj: obj["spec"].update(selector=selector))


def test_a_service_that_selects_the_pods_of_both() -> None:
    world = World()
    select(world, "shop-main", app="shop")
    problem = world.problem()
    assert problem.text() == (
        "route.backends.stable: it selects app=shop in namespace production, which the pods of the other Deployment "
        "shop-canary (app=shop,version=canary) are too; expected a Service of its own for each version, or the split "
        "is not real. Add a label to the Service's selector that only its own pods have."
    )


@pytest.mark.parametrize("selector", [{"app": "shop", "version": "next"}, {}])
def test_a_service_that_selects_no_pod_of_its_own(selector: dict[str, str]) -> None:
    world = World()
    select(world, "shop-canary", **selector)
    problem = world.problem()
    assert problem.field == "route.backends.canary"
    assert "which the pods of Deployment shop-canary (app=shop,version=canary) are not" in problem.found
    assert ("selects nothing" in problem.found) == (not selector)


def test_without_a_mesh_one_service_selects_both() -> None:
    assert World().problems(route=REPLICAS_ROUTE) == ()


def test_a_missing_deployment_is_told_but_once() -> None:
    assert [problem.field for problem in World().problems(canary="nothing")] == ["canary"]
