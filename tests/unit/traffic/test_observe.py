# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import (
    Reading,
    Sample,
    Series,
    SourceError,
    Target,
)
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.observe import Counters, Observation, observe
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.route import Settling
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split

from tests.unit.traffic.builders import PATHS, put_route, route, split
from tests.unit.traffic.fake_api import FakeApi, FakeClock

SELECTOR = Selector.parse('http_requests_total{path!~"/health.*"}')


@dataclass
class Pods:
    """Two pods whose counters grow with time: by `before` until `switch` seconds have passed, then by `after`."""

    clock: FakeClock
    before: Split
    after: Split
    rate: float = 200.0
    switch: float = 0.15
    errors: list[SourceError] = field(default_factory=list)
    target_error: str = ""
    counts: dict[str, float] = field(default_factory=lambda: {"stable": 5000.0, "canary": 70.0})
    begun: float = 1000.0
    seen: float = 1000.0

    def read(self, selectors: Sequence[Selector], expressions: Sequence[str] = ()) -> Reading:
        assert list(selectors) == [SELECTOR]
        self._serve()
        if self.errors:
            raise self.errors.pop(0)
        at = self.clock.wall()
        series, targets = [], [Target("stranger", "", (at,))]
        series.append(Series.of("http_requests_total", {"pod": "stranger"}, [Sample(at, at)], "stranger"))
        for name, count in self.counts.items():
            targets.append(Target(f"pod-{name}", name, (at,), error=self.target_error))
            series.append(Series.of("http_requests_total", {"pod": name}, [Sample(at, count)], f"pod-{name}"))
        return Reading(at, tuple(series), tuple(targets))

    def _serve(self) -> None:
        rng = random.Random(round(self.clock.now * 1000))
        first, last = round((self.seen - self.begun) * self.rate), round((self.clock.now - self.begun) * self.rate)
        for number in range(first, last):
            by = self.after if number / self.rate >= self.switch else self.before
            self.counts["canary" if rng.random() * 100 < by["canary"] else "stable"] += 1
        self.seen = self.clock.now

    def describe(self) -> str:
        return "pods"

    def sent(self, selectors: Sequence[Selector]) -> list[str]:
        return []


def look(
    kind: str, pods: Pods | None, before: Split, after: Split, *, timeout: float = 10.0, **api: Any
) -> Observation:
    there = FakeApi(**api)
    put_route(there, kind, after["stable"], after["canary"])
    counters = Counters(pods, SELECTOR, 0.25) if pods else None
    clock = pods.clock if pods else FakeClock()
    return observe(route(there, kind, rule="primary"), before, after, counters, clock=clock, timeout=10.0)


@pytest.mark.parametrize(
    ("before", "after"),
    [((100, 0), (90, 10)), ((90, 10), (100, 0)), ((50, 50), (25, 75)), ((0, 100), (100, 0)), ((100, 0), (100, 0))],
)
def test_traffic_that_follows_is_seen_within_seconds(before: tuple[int, int], after: tuple[int, int]) -> None:
    old, new = split(*before), split(*after)
    seen = look("virtualservice", Pods(FakeClock(), old, new), old, new)
    assert (seen.followed, seen.by, seen.warning) == (True, "counters", "")
    assert seen.seconds <= 3.0
    assert sum(seen.requests.values()) == pytest.approx(200 * seen.seconds, abs=1)
    assert seen.as_dict()["by"] == "counters"


def test_traffic_that_does_not_follow_is_an_error_with_its_numbers() -> None:
    old, new = split(90, 10), split(100, 0)
    with pytest.raises(TrafficError) as caught:
        look("virtualservice", Pods(FakeClock(), old, old), old, new)
    assert caught.value.error == "not_followed"
    observation = caught.value.data["observation"]
    assert observation["followed"] is False
    assert observation["requests"]["canary"] > 100
    assert f"Requests since: stable {observation['requests']['stable']}, canary" in str(caught.value)
    assert "requests still go by the split before" in str(caught.value)


def test_no_traffic_is_not_followed_traffic() -> None:
    pods = Pods(FakeClock(), split(100, 0), split(90, 10), rate=0.0)
    seen = look("virtualservice", pods, split(100, 0), split(90, 10))
    assert (seen.followed, seen.by, seen.requests) == (False, "no_traffic", {"stable": 0, "canary": 0})
    assert seen.warning == "no request was counted on any backend in 10 s; whether traffic follows was not seen."
    assert seen.as_dict()["warning"] == seen.warning


def test_little_traffic_is_told_from_none() -> None:
    pods = Pods(FakeClock(), split(90, 10), split(100, 0), rate=2.0)
    seen = look("virtualservice", pods, split(90, 10), split(100, 0))
    assert (seen.followed, seen.by) == (False, "little_traffic")
    assert "20 requests in 10 s are too few" in seen.warning


def test_pods_that_cannot_be_read_are_not_observed() -> None:
    error = SourceError("refused", "pods/proxy is forbidden.")
    pods = Pods(FakeClock(), split(90, 10), split(100, 0), errors=[error] * 99)
    with pytest.raises(TrafficError, match="The last trouble was: pods/proxy is forbidden") as caught:
        look("virtualservice", pods, split(90, 10), split(100, 0))
    assert caught.value.error == "not_observed"
    assert "Correct observe_metrics, or set observe: false" in str(caught.value)


def test_a_source_that_stumbles_is_asked_again() -> None:
    pods = Pods(FakeClock(), split(90, 10), split(100, 0), errors=[SourceError("timeout", "slow.")] * 3)
    assert look("virtualservice", pods, split(90, 10), split(100, 0)).followed


def test_a_pod_that_cannot_be_read_is_told() -> None:
    pods = Pods(FakeClock(), split(90, 10), split(100, 0), rate=0.0, target_error="no answer for 2.0 s")
    seen = look("virtualservice", pods, split(90, 10), split(100, 0))
    assert seen.warning.endswith("The last trouble was: no answer for 2.0 s")


def status(*conditions: tuple[str, str]) -> dict[str, Any]:
    listed = [{"type": name, "status": value, "observedGeneration": 3, "reason": "r"} for name, value in conditions]
    return {"parents": [{"parentRef": {"name": "gateway"}, "conditions": listed}]}


def with_status(
    pods: Pods | None, late: dict[str, Any], *, early: dict[str, Any] | None = None, at: float = 2.0
) -> Observation:
    """An HTTPRoute whose status becomes `late` after `at` seconds."""
    clock = pods.clock if pods else FakeClock()
    api = FakeApi()
    put_route(api, "httproute", 100, 0)

    def controller() -> None:
        if clock.now >= 1000.0 + at:
            api.change(PATHS["httproute"], lambda obj: obj.update(status=late), manager="istio")

    clock.on_sleep = controller
    api.change(PATHS["httproute"], lambda obj: obj.update(status=early or {}))
    there = route(api, "httproute", rule="primary")
    counters = Counters(pods, SELECTOR, 0.25) if pods else None
    return observe(there, split(90, 10), split(100, 0), counters, clock=clock, timeout=10.0)


SETTLED = status(("Accepted", "True"), ("ResolvedRefs", "True"))


def test_status_alone_where_there_are_no_counters() -> None:
    seen = with_status(None, SETTLED)
    assert (seen.followed, seen.by, seen.warning) == (True, "status", "")
    assert seen.seconds == 2.0


def test_counters_are_not_believed_before_the_status() -> None:
    pods = Pods(FakeClock(), split(90, 10), split(100, 0))
    seen = with_status(pods, SETTLED, at=4.0)
    assert (seen.followed, seen.by, seen.seconds) == (True, "counters", 4.0)


def test_status_without_traffic_is_believed_with_a_warning() -> None:
    pods = Pods(FakeClock(), split(90, 10), split(100, 0), rate=0.0)
    seen = with_status(pods, SETTLED)
    assert (seen.followed, seen.by) == (True, "status")
    assert "only the route's status says that it was taken up" in seen.warning


def test_a_route_that_the_gateway_refuses_is_an_error_at_once() -> None:
    with pytest.raises(TrafficError, match="reports Accepted=False") as caught:
        with_status(None, status(("Accepted", "False")), at=1.0)
    assert (caught.value.error, caught.value.data["observation"]["seconds"]) == ("not_followed", 1.0)


def test_a_route_that_no_gateway_takes_is_an_error() -> None:
    with pytest.raises(TrafficError, match="no gateway controller has reported") as caught:
        with_status(None, {}, at=99.0)
    assert caught.value.error == "not_followed"


def test_a_status_that_cannot_be_read_is_read_again() -> None:
    assert look_pods(read_faults=["lost", 500]).by == "status"


def test_a_status_that_can_never_be_read_is_an_error() -> None:
    with pytest.raises(TrafficError, match="its status was not read yet. The last trouble was: no answer") as caught:
        look_pods(read_faults=["lost"] * 99)
    assert caught.value.error == "not_followed"


class Endpoints:
    """A route of kind replicas, whose endpoints follow at the third look."""

    def __init__(self, there: Any) -> None:
        self.there, self.looks, self.spec = there, 0, there.spec

    def observe(self) -> Settling:
        self.looks += 1
        self.there.read()
        return Settling("settled") if self.looks >= 3 else Settling("waiting", "endpoints are missing")


def look_pods(**api: Any) -> Observation:
    there = FakeApi(**api)
    put_route(there, "replicas", 3, 1)
    endpoints: Any = Endpoints(route(there, "replicas"))
    return observe(endpoints, split(100, 0), split(75, 25), None, clock=FakeClock(), timeout=10.0)


def test_pods_are_observed_by_their_endpoints() -> None:
    seen = look_pods()
    assert (seen.followed, seen.by, seen.seconds) == (True, "status", 0.5)


def test_neither_status_nor_counters_is_nothing_to_see() -> None:
    with pytest.raises(TrafficError, match="It has no status and no counters are read") as caught:
        look("virtualservice", None, split(90, 10), split(100, 0))
    assert caught.value.error == "not_observed"


def test_observations_compare_by_value() -> None:
    one = Observation(True, "counters", 1.0, {"a": 1})
    assert replace(one, seconds=2.0) != one
