# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Capacity before weight."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT, Conflict
from ansible_collections.slipway.rollout.plugins.module_utils.workload.capacity import Sized, Sizing, give_capacity
from ansible_collections.slipway.rollout.plugins.module_utils.workload.snapshot import NoDeployment
from ansible_collections.slipway.rollout.plugins.module_utils.workload.waiting import Expectation

from tests.unit.store import Store
from tests.unit.traffic.fake_api import FakeClock
from tests.unit.workload import builders as build

CANARY = DEPLOYMENT.path("production", "shop-canary")


class Shop:
    """Stable with some pods, a canary with some, as many as are asked for become ready at the first wait."""

    def __init__(self, stable: int, canary: int) -> None:
        self.store, self.clock = Store(), FakeClock()
        self.store.put(DEPLOYMENT, "production", build.deployment(stable, name="shop-main"))
        self.settle(canary)

    def settle(self, canary: int) -> None:
        deployment = build.deployment(canary)
        build.put(self.store, deployment, build.replica_set(deployment, ready=canary))

    def wait(self, seconds: float) -> None:
        self.clock.now += seconds
        self.settle(self.store.objects[CANARY]["spec"]["replicas"])

    def give(self, weight: int, ahead: int = 0, **options: Any) -> Sized:
        canary = Expectation("production", "shop-canary", 30.0)
        return give_capacity(
            self.store.cluster(),
            Sizing("shop-main", weight, ahead, canary),
            lambda deployment: self,
            self.clock,
            check_mode=options.get("check_mode", False),
        )


def test_the_canary_gets_its_share_and_is_waited_for() -> None:
    shop = Shop(6, 1)
    sized = shop.give(50)
    assert (sized.live, sized.needed, sized.before, sized.after, sized.changed) == (6, 3, 1, 3, True)
    assert sized.outcome is not None
    assert sized.outcome.ok
    assert sized.as_dict()["replicas"]["available"] == 3


def test_pods_for_later_are_asked_for_and_not_waited_for() -> None:
    shop = Shop(6, 3)
    sized = shop.give(50, ahead=100)
    assert (sized.needed, sized.after) == (3, 6)
    assert shop.clock.now == FakeClock().now + 2  # only until the controller has seen it


def test_it_never_scales_in() -> None:
    shop = Shop(3, 5)
    sized = shop.give(10)
    assert (sized.after, sized.changed, shop.store.writes) == (5, False, [])


def test_a_race_is_run_again_and_given_up_in_the_end() -> None:
    shop = Shop(6, 1)
    shop.store.failures[CANARY] = []
    patch = shop.store.request
    lost = [2]

    def request(method: str, path: str, *rest: Any) -> Any:
        if method == "PATCH" and lost[0]:
            lost[0] -= 1
            shop.settle(2)  # somebody else wrote it
        return patch(method, path, *rest)

    shop.store.request = request  # type: ignore[method-assign]
    assert shop.give(50).before == 2
    lost[0] = 99
    shop.settle(1)
    with pytest.raises(Conflict):
        shop.give(50)


def test_check_mode_asks_for_a_dry_run() -> None:
    shop = Shop(6, 1)
    sized = shop.give(50, check_mode=True)
    assert (sized.after, sized.outcome) == (3, None)
    assert [dry for dummy, dummy, dry in shop.store.writes] == [True]
    assert "reason" not in sized.as_dict()


def test_a_missing_deployment() -> None:
    shop = Shop(6, 1)
    shop.store.remove(DEPLOYMENT, "production", "shop-main")
    with pytest.raises(NoDeployment, match="no Deployment 'shop-main' in namespace 'production'"):
        shop.give(50)
