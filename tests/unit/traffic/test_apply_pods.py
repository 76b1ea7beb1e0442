# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes that take several steps: pods come, are waited for, and only then go."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.apply import SplitChange, apply_split
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError

from tests.unit.traffic.builders import APPS, route, split
from tests.unit.traffic.fake_api import FakeApi, FakeClock
from tests.unit.traffic.moves import other_split, start


class Controller:
    """Makes pods ready at the n-th look, as a Deployment's controller does."""

    def __init__(self, api: FakeApi, looks: int) -> None:
        self.api, self.looks = api, looks

    def __call__(self) -> None:
        self.looks -= 1
        for name in ("shop-main", "shop-canary"):
            if self.looks == 0:
                self.api.change(f"{APPS}/{name}", self._all_ready, manager="controller")

    @staticmethod
    def _all_ready(obj: dict[str, Any]) -> None:
        obj["status"]["readyReplicas"] = obj["spec"]["replicas"]


def pods(api: FakeApi) -> list[tuple[str, int]]:
    return [(path.rsplit("/", 1)[1], patch[1]["value"]) for path, patch, _dry in api.writes]


def shift(api: FakeApi, clock: FakeClock, **options: Any) -> SplitChange:
    deadline = clock.monotonic() + 5.0
    return apply_split(
        route(api, "replicas"), split(50, 50), check_mode=False, clock=clock, deadline=deadline, **options
    )


def test_pods_come_are_waited_for_and_only_then_go() -> None:
    api = start("replicas")
    clock = FakeClock(on_sleep=Controller(api, 3))
    change = shift(api, clock)
    assert pods(api) == [("shop-canary", 4), ("shop-main", 5)]
    assert len(clock.slept) == 3
    assert (change.changed, change.after.as_dict()) == (True, {"stable": 56, "canary": 44})
    assert change.note == (
        "Asked for stable 50 %, canary 50 %; the pods (stable 5, canary 4) give stable 56 %, canary 44 %."
    )
    assert change.as_dict()["note"] == change.note


def test_check_mode_plans_every_step() -> None:
    api = start("replicas")
    there = route(api, "replicas")
    change = apply_split(there, split(50, 50), check_mode=True, clock=FakeClock(), deadline=0.0)
    assert pods(api) == [("shop-canary", 4), ("shop-main", 5)]
    assert change.after.as_dict() == {"stable": 56, "canary": 44}


def test_pods_that_never_become_ready_take_nothing_from_the_others() -> None:
    api = start("replicas")
    with pytest.raises(TrafficError) as caught:
        shift(api, FakeClock())
    assert caught.value.error == "not_ready"
    assert caught.value.data["changed"] is True
    assert caught.value.data["after"] == {"stable": 69, "canary": 31}
    assert "canary has 0 of 4 pods ready, and time is up" in str(caught.value)
    assert "Earlier steps were written: it is now at stable 69 %, canary 31 %." in str(caught.value)


def test_who_insists_goes_on_after_the_deadline() -> None:
    api = start("replicas")
    assert shift(api, FakeClock(), insist=True).changed
    assert pods(api) == [("shop-canary", 4), ("shop-main", 5)]


def test_a_change_by_others_while_pods_are_waited_for_is_refused() -> None:
    api = start("replicas")
    autoscaler = other_split("replicas", 0, 6)
    clock = FakeClock(on_sleep=lambda: autoscaler(api))
    with pytest.raises(TrafficError, match="changed by kubectl-edit") as caught:
        shift(api, clock)
    assert (caught.value.error, caught.value.data["changed"]) == ("conflict", True)
