# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""StatefulSets and DaemonSets: their pods, how far they have come, and what only their events tell."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import EVENT
from ansible_collections.slipway.rollout.plugins.module_utils.workload.causes import causes_of
from ansible_collections.slipway.rollout.plugins.module_utils.workload.progress import progress_of
from ansible_collections.slipway.rollout.plugins.module_utils.workload.snapshot import NoDeployment, take, with_events
from ansible_collections.slipway.rollout.plugins.module_utils.workload.waiting import Expectation, look

from tests.unit.rolling.world import NAME, NAMESPACE, NEW, World, workload

SETS = ("DaemonSet", "StatefulSet")


def event(message: str, at: str = "2027-01-15T08:00:05Z") -> dict[str, Any]:
    about = {"name": NAME, "uid": "uid-shop"}
    return {
        "metadata": {"name": f"shop.{at}"},
        "involvedObject": about,
        "reason": "FailedCreate",
        "message": message,
        "lastTimestamp": at,
    }


@pytest.mark.parametrize("kind", SETS)
def test_all_pods_are_new_in_the_end(kind: str) -> None:
    world = World.of(kind=kind)
    found = look(world.cluster(), Expectation(NAMESPACE, NAME, 1.0, kind=kind))
    assert found.ok
    assert found.reason.startswith(f"{kind} production/shop: ")


@pytest.mark.parametrize("kind", SETS)
def test_on_the_way_old_and_new_ones_are_told_apart(kind: str) -> None:
    world = World.of(kind=kind)
    world.write(lambda obj: obj["spec"]["template"]["spec"]["containers"][0].update(image=NEW))
    world.idle = True
    before = progress_of(take(world.cluster(), NAMESPACE, NAME, kind))
    assert not before.observed
    assert before.describe() == f"the {kind} controller has not yet seen the last change"
    world.idle = False
    after = progress_of(take(world.cluster(), NAMESPACE, NAME, kind))
    assert after.done
    assert after.old == 0


def test_below_the_partition_pods_stay_as_they_are() -> None:
    strategy = {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}}
    world = World.of(workload("StatefulSet", spec=strategy), "StatefulSet")
    counts = progress_of(take(world.cluster(), NAMESPACE, NAME, "StatefulSet"))
    assert counts.desired == 1


@pytest.mark.parametrize("kind", SETS)
def test_pods_that_are_refused_are_known_from_events(kind: str) -> None:
    world = World.of(kind=kind)
    fields = [{"time": "2027-01-15T08:00:03Z", "manager": "slipway"}]
    world.write(lambda obj: obj["metadata"].update(managedFields=fields))
    take(world.cluster(), NAMESPACE, NAME, kind)
    world.idle = True
    for path in [path for path in world.store.objects if "/pods/" in path]:
        del world.store.objects[path]
    world.store.put(EVENT, NAMESPACE, event("exceeded quota: old", "2027-01-15T08:00:01Z"))
    snapshot = with_events(world.cluster(), take(world.cluster(), NAMESPACE, NAME, kind))
    assert causes_of(snapshot, progress_of(snapshot), 1) == []
    world.store.put(EVENT, NAMESPACE, event("pods is forbidden: exceeded quota: full"))
    snapshot = with_events(world.cluster(), take(world.cluster(), NAMESPACE, NAME, kind))
    (cause,) = causes_of(snapshot, progress_of(snapshot), 1)
    assert cause.text == f"The cluster refuses pods of {kind} shop: pods is forbidden: exceeded quota: full."


def test_what_does_not_roll_by_itself_is_told() -> None:
    world = World.of(workload("DaemonSet", spec={"updateStrategy": {"type": "OnDelete"}}), "DaemonSet")
    snapshot = take(world.cluster(), NAMESPACE, NAME, "DaemonSet")
    causes = causes_of(snapshot, progress_of(snapshot), 1)
    assert causes[0].kind == "paused"
    assert "OnDelete" in causes[0].text


def test_a_name_that_is_not_there() -> None:
    world = World.of(kind="StatefulSet")
    with pytest.raises(
        NoDeployment, match="There is no StatefulSet 'shops' in namespace 'production'. There are: shop"
    ):
        take(world.cluster(), NAMESPACE, "shops", "StatefulSet")
    with pytest.raises(NoDeployment, match="It has no DaemonSets at all"):
        take(world.cluster(), NAMESPACE, "shops", "DaemonSet")
