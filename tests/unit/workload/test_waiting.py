# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting: what ends it, when, and with which words. Time passes only where the test says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import (
    DEPLOYMENT,
    EVENT,
    POD,
    REPLICA_SET,
    Forbidden,
    Unreachable,
)
from ansible_collections.slipway.rollout.plugins.module_utils.workload.snapshot import NoDeployment
from ansible_collections.slipway.rollout.plugins.module_utils.workload.waiting import Expectation, Outcome, look, wait

from tests.unit.store import Obj, Store
from tests.unit.traffic.fake_api import FakeClock
from tests.unit.workload import builders as build

EVENTS = "/api/v1/namespaces/production/events"
DEPLOYMENTS = "/apis/apps/v1/namespaces/production/deployments/shop-canary"


@dataclass
class World:
    """A cluster in which `then` happens, one step per wait; each wait takes the time that it was given."""

    store: Store = field(default_factory=Store)
    clock: FakeClock = field(default_factory=FakeClock)
    then: list[Callable[[], Any]] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.clock.now += seconds
        if self.then:
            self.then.pop(0)()

    def run(self, **expected: Any) -> Outcome:
        wanted = Expectation(**({"namespace": "production", "name": "shop-canary", "timeout": 30.0} | expected))
        return wait(self.store.cluster(), wanted, lambda deployment: self, self.clock)

    def put(self, deployment: Obj, *pods: Obj, ready: int = 0, events: tuple[Obj, ...] = ()) -> None:
        build.put(self.store, deployment, build.replica_set(deployment, ready=ready), *pods, events=events)


def pod(**changes: Any) -> Obj:
    return build.pod(build.replica_set(build.deployment()), **changes)


def test_it_ends_when_the_pods_are_there() -> None:
    world = World()
    world.put(build.deployment(generation=3, observed=2))
    world.then = [
        lambda: world.put(build.deployment(), pod(state=build.waiting("ContainerCreating"))),
        lambda: world.put(build.deployment(), pod(ready=True), ready=1),
    ]
    outcome = world.run()
    assert outcome.ok
    assert outcome.seconds == 4
    assert outcome.reason == "Deployment production/shop-canary: 1 of 1 pods of the new template are available"
    assert outcome.as_dict()["pods"] == [
        {
            "name": "shop-canary-7d4b9-x2x1z",
            "ready": True,
            "phase": "Running",
            "restarts": 0,
            "ip": "10.0.0.7",
            "node": "",
        }
    ]


def test_enough_pods_are_enough() -> None:
    world = World()
    world.put(build.deployment(3), ready=1)
    assert world.run(replicas=1).ok


def test_somebody_who_scales_it_in_is_noticed() -> None:
    world = World()
    world.put(build.deployment(1), ready=1)
    outcome = world.run(replicas=3)
    assert not outcome.ok
    assert "asks for 1 pods where 3 are expected" in outcome.reason


def test_a_crash_ends_it_with_the_last_lines_long_before_the_time_is_up() -> None:
    world = World()
    crashed = pod(state=build.waiting("CrashLoopBackOff"), last=build.terminated(3), restarts=1)
    world.put(build.deployment(), crashed)
    log = "/api/v1/namespaces/production/pods/shop-canary-7d4b9-x2x1z/log?container=app&tailLines=10&limitBytes=20000"
    world.store.raw[f"{log}&previous=true"] = (200, b"cannot open the model\n")
    outcome = world.run()
    assert (outcome.ok, outcome.seconds) == (False, 0)
    assert outcome.reason == (
        "Container app of pod shop-canary-7d4b9-x2x1z exits with code 3 (2 times). Its last line: cannot open the model"
    )
    assert outcome.as_dict()["logs"]["lines"] == ["cannot open the model"]
    assert outcome.as_dict()["details"][0]["exit_code"] == 3


def test_trouble_that_may_pass_gets_its_time_and_no_more() -> None:
    world = World()
    world.put(build.deployment(), pod(state=build.waiting("ErrImagePull", "i/o timeout")))
    outcome = world.run()
    assert (outcome.ok, outcome.seconds) == (False, 20)
    assert sum(world.waited) == 20


def test_trouble_that_went_away_starts_anew() -> None:
    world = World()
    trouble = pod(state=build.waiting("ErrImagePull", "i/o timeout"))
    world.put(build.deployment(), trouble)
    pulling = pod(state=build.waiting("ContainerCreating"))
    world.then = [lambda: world.put(build.deployment(), pulling), lambda: world.put(build.deployment(), trouble)]
    assert world.run().seconds == 24


def test_a_failing_probe_is_told_when_the_time_is_up() -> None:
    world = World()
    message = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    world.put(build.deployment(), pod(), events=(build.event(pod(), "Unhealthy", message),))
    outcome = world.run(timeout=5.0)
    assert outcome.seconds == 5
    assert outcome.reason == (
        "The readiness probe of container app in pod shop-canary-7d4b9-x2x1z fails: GET /health/ready on port http "
        "answers 503. Time is up after 5 s: 0 of 1 pods of the new template are available."
    )


def test_time_that_is_up_without_any_reason_is_said_too() -> None:
    world = World()
    world.put(build.deployment(), pod())
    assert "no pod says why. Time is up after 1 s" in world.run(timeout=1.0).reason


def test_the_deadline_is_the_least_of_explanations() -> None:
    world = World()
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    world.put(
        build.deployment(conditions=[late]),
        pod(),
        events=(build.event(pod(), "Unhealthy", "Readiness probe failed: x"),),
    )
    outcome = world.run()
    assert outcome.seconds == 2
    assert [cause.kind for cause in outcome.causes] == ["probe", "deadline"]


def test_an_api_server_that_is_away_is_waited_for() -> None:
    world = World()
    world.put(build.deployment(), ready=1)
    world.store.failures[DEPLOYMENTS] = [500, Unreachable("refused"), 429]
    outcome = world.run()
    assert (outcome.ok, world.clock.slept) == (True, [1.0, 1.0, 1.0])


def test_an_api_server_that_stays_away_or_refuses_ends_it() -> None:
    world = World()
    world.store.failures[DEPLOYMENTS] = [Unreachable("refused")] * 9
    with pytest.raises(Unreachable):
        world.run(timeout=3.0)
    world.store.failures[DEPLOYMENTS] = [403]
    with pytest.raises(Forbidden):
        world.run()


def test_events_that_may_not_be_read_cost_the_explanation_only() -> None:
    world = World()
    world.put(build.deployment(), pod())
    world.store.failures[EVENTS] = [403] * 9
    world.then = [lambda: world.put(build.deployment(), pod(ready=True), ready=1)]
    assert world.run().ok


def test_a_deployment_that_goes_away_meanwhile_is_an_error() -> None:
    world = World()
    world.put(build.deployment(), pod())
    world.then = [lambda: world.store.remove(DEPLOYMENT, "production", "shop-canary")]
    with pytest.raises(NoDeployment):
        world.run()


def test_a_look_does_not_wait() -> None:
    store = Store()
    expected = Expectation("production", "shop-canary", 30.0)
    build.put(store, build.deployment(), build.replica_set(build.deployment(), ready=0))
    assert look(store.cluster(), expected).reason.endswith("0 of 1 pods of the new template are available")
    crashed = pod(state=build.terminated(3))
    store.put(POD, "production", crashed)
    outcome = look(store.cluster(), expected)
    assert (outcome.ok, [cause.kind for cause in outcome.causes]) == (False, ["crash"])
    store.put(REPLICA_SET, "production", build.replica_set(build.deployment(), ready=1))
    assert look(store.cluster(), expected).ok
    assert not any(path.startswith("WATCH") for path in store.asked)
    assert not [path for path in store.objects if path.startswith(EVENT.path("production"))]
