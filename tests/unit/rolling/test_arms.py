# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Old and new pods told apart, also where they have the same name and a metrics server knows only that."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import POD
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Reading, Sample, Series
from ansible_collections.slipway.rollout.plugins.module_utils.gate.workers import Workers
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.arms import ByRevision, Nothing, Revisions
from ansible_collections.slipway.rollout.plugins.module_utils.workload.kinds import WORKLOADS

from tests.unit.rolling.world import NAME, NAMESPACE, NEW, World
from tests.unit.traffic.fake_api import FakeClock

STARTED = 1_800_000_001.0  # 2027-01-15T08:00:01Z


@dataclass
class Server:
    """A metrics server with one sample per pod."""

    samples: Mapping[str, Sequence[Sample]]
    asked: list[str] = field(default_factory=list)

    def read(self, selectors: Sequence[Selector], _expressions: Sequence[str] = ()) -> Reading:
        self.asked += map(str, selectors)
        return Reading(STARTED + 9, tuple(Series.of("m", {"pod": p}, s, p) for p, s in self.samples.items()))

    def describe(self) -> str:
        return "a server"

    def sent(self, selectors: Sequence[Selector]) -> list[str]:
        return [str(selector) for selector in selectors]

    def names(self) -> list[str]:
        return ["m"]

    def label_sets(self, _name: str) -> list[Mapping[str, str]]:
        return [{"pod": "shop-0"}]


def subject(world: World) -> Revisions:
    there = WORKLOADS[world.kind]
    return Revisions(world.cluster(), there, world.obj, world.clock, selector="app=shop", workers=Workers())


def rolled(kind: str) -> tuple[World, Revisions]:
    world, there = World.of(kind=kind), WORKLOADS[kind]
    arms = subject(world)
    arms.begin({pod["metadata"]["labels"][there.label] for pod in world.pods()})
    world.write(lambda obj: obj["spec"]["template"]["spec"]["containers"][0].update(image=NEW))
    world.cluster().get(there.kind, NAMESPACE, NAME)  # so that the controller has seen it
    return world, arms


def test_before_it_begins_all_pods_are_old() -> None:
    assert {pod.group for pod in subject(World.of()).pods()} == {"stable"}


def test_pods_of_any_other_revision_are_new() -> None:
    for kind in WORKLOADS:
        _world, arms = rolled(kind)
        assert {pod.group for pod in arms.pods()} == {"canary"}


def test_series_get_the_arm_of_their_pod() -> None:
    world, arms = rolled("Deployment")
    new = world.pods()[0]["metadata"]["name"]
    server = Server({new: [Sample(1.0, 5.0)], "elsewhere": [Sample(1.0, 7.0)]})
    source = ByRevision(server, arms)
    reading = source.read([Selector.parse('m{namespace="a",slipway_arm="canary"}'), Selector.parse("other")])
    assert [one.labels for one in reading.series] == [{"pod": new, "slipway_arm": "canary"}, {"pod": "elsewhere"}]
    assert server.asked == ['m{namespace="a",pod=~"shop.*"}', "other"]
    assert source.sent([Selector.parse('m{slipway_arm="stable"}')]) == ['m{pod=~"shop.*"}']
    assert source.label_sets("m") == [{"pod": "shop-0", "slipway_arm": arm} for arm in ("canary", "stable")]
    assert (source.describe(), source.names()) == ("a server", ["m"])


def test_what_a_stateful_sets_former_pod_of_that_name_has_counted_is_not_the_new_ones() -> None:
    _world, arms = rolled("StatefulSet")
    old, new = Sample(STARTED - 1, 900.0), Sample(STARTED + 3, 4.0)
    source = ByRevision(Server({"shop-0": [old, new], "shop-1": [old]}), arms)
    reading = source.read([])
    assert [(one.labels["pod"], one.samples) for one in reading.series] == [("shop-0", (new,))]


def test_a_pod_that_is_gone_keeps_its_arm() -> None:
    world = World.of()
    arms = subject(world)
    name = world.pods()[0]["metadata"]["name"]
    source = ByRevision(Server({name: [Sample(1.0, 5.0)]}), arms)
    source.read([])
    world.idle = True
    for path in [path for path in world.store.objects if "/pods/" in path]:
        del world.store.objects[path]
    arms._asked = float("-inf")
    assert source.read([]).series[0].labels["slipway_arm"] == "stable"


def test_without_checks_there_is_nothing_to_ask() -> None:
    nothing = Nothing(FakeClock())
    assert nothing.read([]).series == ()
    assert (nothing.sent([]), nothing.names(), nothing.label_sets("m")) == ([], [], [])
    assert nothing.describe().startswith("no source")


def test_pods_that_were_leaving_already_are_on_no_side() -> None:
    world, there = World.of(kind="Deployment"), WORKLOADS["Deployment"]
    world.idle = True
    left = copy.deepcopy(world.pods()[0])
    left["metadata"] |= {"name": "shop-left", "uid": "left", "deletionTimestamp": "2027-01-15T08:00:00Z"}
    left["metadata"]["labels"] |= {there.label: "of-a-release-before"}
    world.store.put(POD, NAMESPACE, left)
    arms = subject(world)
    arms.begin({pod["metadata"]["labels"][there.label] for pod in world.pods()} - {"of-a-release-before"})
    names = {pod.name for pod in arms.pods()}
    assert names
    assert "shop-left" not in names
