# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate's hand on the route, against an API server in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Unreachable
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Reading, Target
from ansible_collections.slipway.rollout.plugins.module_utils.gate.switch import WRITE_SECONDS, Rollback, RouteSwitch
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.observe import Counters
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split

from tests.unit.gate.builders import series
from tests.unit.traffic.builders import PATHS, put_route, route, split
from tests.unit.traffic.fake_api import FakeApi, FakeClock

CANARY, STABLE = split(90, 10), split(100, 0)


@dataclass
class OnlyStableServes:
    """Counters of which those of the canary stand still."""

    clock: FakeClock

    def read(self, selectors: Sequence[Selector], expressions: Sequence[str] = ()) -> Reading:
        at = self.clock.wall()
        counts = {"stable": self.clock.now * 200, "canary": 70.0}
        found = [series(f'requests_total{{pod="{name}"}}', (at, count), target=name) for name, count in counts.items()]
        return Reading(at, tuple(found), tuple(Target(name, name, (at,)) for name in counts))

    def describe(self) -> str:
        return "counters"

    def sent(self, selectors: Sequence[Selector]) -> list[str]:
        return []

    def names(self) -> list[str]:
        return []

    def label_sets(self, name: str) -> list[dict[str, str]]:
        return []


def switch(
    api: FakeApi,
    *,
    split: Split | None = CANARY,
    on_fail: Split | None = STABLE,
    counters: Callable[[], Counters | None] | None = None,
    clock: FakeClock | None = None,
    now: tuple[int, int] = (100, 0),
) -> RouteSwitch:
    put_route(api, "virtualservice", *now)
    return RouteSwitch(route(api, "virtualservice"), split, on_fail, clock or FakeClock(), counters, 5.0)


def weights(api: FakeApi) -> list[int]:
    primary = api.objects[PATHS["virtualservice"]]["spec"]["http"][1]
    return [destination.get("weight") for destination in primary["route"]]


def test_a_rehearsal_asks_for_both_writes_and_makes_none() -> None:
    api = FakeApi()
    assert switch(api, now=(50, 50)).rehearse() == (split(50, 50), CANARY)
    assert [dry for dummy, dummy2, dry in api.writes] == [True, True]
    assert weights(api) == [50, 50]


def test_without_a_split_to_set_a_rehearsal_changes_nothing() -> None:
    assert switch(FakeApi(), split=None, now=(90, 10)).rehearse() == (CANARY, CANARY)
    assert switch(FakeApi(), split=None, on_fail=None).rehearse() == (None, None)


def test_a_way_back_that_is_refused_is_known_before_the_first_write() -> None:
    api = FakeApi(faults=[403])
    with pytest.raises(TrafficError, match="dry run; nothing changed"):
        switch(api, now=(90, 10)).rehearse()
    assert weights(api) == [90, 10]


@pytest.mark.parametrize(
    ("ahead", "back", "lines"),
    [
        (
            CANARY,
            STABLE,
            [
                "Sets virtualservice production/shop to stable 90 %, canary 10 %.",
                "Puts virtualservice production/shop at stable 100 %, canary 0 % when it fails.",
            ],
        ),
        (None, None, ["Puts nothing back when it fails: on_fail is not given."]),
    ],
)
def test_what_it_would_do_is_said(ahead: Split | None, back: Split | None, lines: list[str]) -> None:
    assert switch(FakeApi(), split=ahead, on_fail=back).describe() == lines


def test_a_shift_sets_the_split_once() -> None:
    api = FakeApi()
    change = switch(api).shift()
    assert change is not None
    assert (change.changed, change.before, change.after) == (True, STABLE, CANARY)
    assert weights(api) == [90, 10]


def test_without_a_split_nothing_is_shifted() -> None:
    api = FakeApi()
    assert switch(api, split=None).shift() is None
    assert api.writes == []


def test_the_way_back_is_taken() -> None:
    api = FakeApi()
    rollback = switch(api, now=(90, 10)).restore()
    assert rollback == Rollback(True, 0.0, STABLE, True)
    assert weights(api) == [100, 0]


def test_a_route_that_is_back_already_counts_as_back_and_not_as_changed() -> None:
    rollback = switch(FakeApi(), now=(100, 0)).restore()
    assert rollback == Rollback(True, 0.0, STABLE, False)


def test_without_on_fail_there_is_no_way_back() -> None:
    api = FakeApi()
    assert switch(api, on_fail=None, now=(90, 10)).restore() is None
    assert api.writes == []


def test_the_way_back_outlives_an_api_server_that_is_away_for_a_while() -> None:
    rollback = switch(FakeApi(read_faults=["unreachable"] * 4), now=(90, 10)).restore()
    assert rollback is not None
    assert (rollback.done, rollback.changed) == (True, True)
    assert 0 < rollback.seconds < WRITE_SECONDS


def test_a_way_back_that_fails_says_why_and_how_long_it_was_tried() -> None:
    clock = FakeClock()
    rollback = switch(FakeApi(read_faults=["unreachable"] * 999), now=(90, 10), clock=clock).restore()
    assert rollback is not None
    assert (rollback.done, rollback.changed, rollback.split) == (False, False, STABLE)
    assert rollback.seconds == pytest.approx(WRITE_SECONDS, abs=1.5)
    assert "could not be read" in rollback.error


def test_even_a_mistake_of_ours_does_not_hide_that_the_route_may_be_wrong() -> None:
    def broken(api: FakeApi) -> None:
        raise ZeroDivisionError("oops")

    rollback = switch(FakeApi(before_write=[broken]), now=(90, 10)).restore()
    assert rollback is not None
    assert (rollback.done, rollback.changed, rollback.error) == (False, False, "ZeroDivisionError: oops")


def followed(counters: Callable[[], Counters | None] | None, clock: FakeClock | None = None) -> Rollback:
    hand = switch(FakeApi(), counters=counters, clock=clock, now=(90, 10))
    rollback = hand.restore()
    assert rollback is not None
    assert rollback.done
    return hand.followed(rollback)


def test_traffic_that_follows_the_way_back_is_seen() -> None:
    clock = FakeClock()
    rollback = followed(lambda: Counters(OnlyStableServes(clock), Selector("requests_total"), 0.25), clock)
    assert (rollback.done, rollback.changed, rollback.error) == (True, True, "")
    assert rollback.observation["followed"] is True
    assert rollback.as_dict()["observation"]["by"] == "counters"


def test_traffic_that_cannot_be_seen_to_follow_leaves_the_way_back_done() -> None:
    rollback = followed(lambda: None)
    assert rollback.done
    assert "whether traffic has followed could not be seen" in rollback.error
    assert rollback.observation["followed"] is False


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Unreachable("connection refused"), "Whether traffic has followed could not be seen. connection refused"),
        (ZeroDivisionError("oops"), "Whether traffic has followed could not be seen. ZeroDivisionError: oops"),
    ],
)
def test_no_trouble_with_the_counters_undoes_what_is_done(error: Exception, words: str) -> None:
    def fail() -> Counters | None:
        raise error

    rollback = followed(fail)
    assert (rollback.done, rollback.error, rollback.observation) == (True, words, {})


def test_nothing_is_observed_where_it_is_not_wanted_or_nothing_was_put_back() -> None:
    assert followed(None).observation == {}
    hand = switch(FakeApi(), counters=lambda: pytest.fail("asked for counters"))
    done, lost = Rollback(True, 0.1, STABLE), Rollback(False, 0.1, STABLE)
    assert hand.followed(done) is done
    hand.restore()
    assert hand.followed(lost) is lost
