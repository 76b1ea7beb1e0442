# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of route does when somebody else writes it at the same time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.clock import SystemClock
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Conflict
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.apply import SplitChange, apply_split
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.route import Route, RouteState, Step
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split

from tests.conformance.place import ALL_STABLE, HALF, Obj, Place, annotate
from tests.integration.shop import entries


def test_a_stale_write_is_refused_by_the_api_server(place: Place) -> None:
    """What everything rests on: the API server compares the resourceVersion inside a JSON patch."""
    route = place.route()
    state = route.read()
    (step,) = route.plan(state, Split.parse(HALF))
    place.shop.edit(place.kind, annotate)
    for dry_run in (True, False):
        with pytest.raises(Conflict):
            route.write(state, step, dry_run=dry_run)
    assert place.holds() == ALL_STABLE


@dataclass
class Raced:
    """A Route before whose writes somebody else writes."""

    inner: Route
    others: list[Callable[[], None]]

    @property
    def spec(self) -> Any:
        return self.inner.spec

    def read(self) -> RouteState:
        return self.inner.read()

    def plan(self, state: RouteState, split: Split) -> tuple[Step, ...]:
        return self.inner.plan(state, split)

    def write(self, state: RouteState, step: Step, *, dry_run: bool) -> RouteState:
        if self.others:
            self.others.pop(0)()
        return self.inner.write(state, step, dry_run=dry_run)

    def observe(self) -> Any:
        return self.inner.observe()

    def apply(self, split: Obj) -> SplitChange:
        clock = SystemClock()
        deadline = clock.monotonic() + 10.0
        return apply_split(self, Split.parse(split), check_mode=False, clock=clock, deadline=deadline)


def test_a_lost_race_is_won_when_the_split_is_untouched(place: Place) -> None:
    raced = Raced(place.route(), [lambda: place.shop.edit(place.kind, annotate)] * 3)
    change = raced.apply(HALF)
    assert (change.changed, change.after.as_dict()) == (True, HALF)
    assert change.attempts >= 4
    assert place.holds() == HALF


def test_a_change_by_somebody_else_is_refused_with_their_name(place: Place) -> None:
    def theirs(obj: Obj) -> None:
        if place.pods:
            obj["spec"]["replicas"] = 3
        else:
            entries(obj)[0]["weight"], entries(obj)[1]["weight"] = 20, 80

    raced = Raced(place.route(), [lambda: place.shop.edit(place.kind, theirs, "kubectl-edit")])
    with pytest.raises(TrafficError) as caught:
        raced.apply(HALF)
    assert caught.value.error == "conflict"
    assert "kubectl-edit" in [writer["manager"] for writer in caught.value.data["writers"]]
    assert "changed by kubectl-edit" in str(caught.value)
    assert "s ago" in str(caught.value)
    assert (caught.value.data["changed"], caught.value.data["after"]) == (False, place.holds())
