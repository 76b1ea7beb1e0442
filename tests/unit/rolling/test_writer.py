# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes: by compare-and-swap, tried again where that is right, and nothing written that is so already."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import (
    ClusterError,
    Forbidden,
    ServerError,
    Unreachable,
)
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.former import STOPPED
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.roll import Roll
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.writer import to_operations

from tests.unit.rolling.runs import Run
from tests.unit.rolling.world import NEW, OLD, World, workload


def given() -> tuple[World, Roll]:
    world = World.of()
    roll = Run(world).open()
    roll.writer.roll(roll.goal, roll.former)
    assert world.image == NEW
    return world, roll


def test_a_conflict_is_tried_again() -> None:
    world, roll = given()
    disturbed = []

    def disturb() -> None:
        if len(disturbed) < 3 and world.store.asked[-1].startswith("PATCH"):
            disturbed.append(1)
            world.obj["metadata"]["resourceVersion"] += "1"

    world.idle, world.sees = True, disturb
    roll.writer.stop(roll.former, "bad")
    assert len(disturbed) == 3
    assert world.obj["spec"]["paused"] is True


def test_an_api_server_that_is_away_is_waited_for_on_the_way_back_only() -> None:
    world, roll = given()
    world.store.failures[world.path] = [Unreachable("away"), 503, 500]
    assert roll.writer.stop(roll.former, "bad").changed
    world.store.failures[world.path] = [503]
    with pytest.raises(ServerError):
        roll.writer.roll(roll.goal, roll.former)


def test_it_is_not_waited_for_without_end() -> None:
    world, roll = given()
    world.store.failures[world.path] = [Unreachable("away")] * 100
    with pytest.raises(Unreachable):
        roll.writer.stop(roll.former, "bad")
    world.store.failures[world.path] = [409] * 200
    with pytest.raises(ClusterError, match="is written all the time"):
        roll.writer.stop(roll.former, "bad")


def test_a_refusal_is_final() -> None:
    world, roll = given()
    world.store.failures[world.path] = [403]
    with pytest.raises(Forbidden):
        roll.writer.stop(roll.former, "bad")


def test_stopping_what_has_its_former_template_changes_nothing() -> None:
    world = World.of()
    roll = Run(world).open()
    assert not roll.writer.stop(roll.former, "bad").changed
    assert STOPPED not in world.notes


def test_all_is_safe_to_do_twice() -> None:
    world, roll = given()
    assert not roll.writer.roll(roll.goal, roll.former).changed
    assert roll.writer.stop(roll.former, "bad").changed
    assert roll.writer.restore(roll.former, roll.former.template or {}).changed
    assert not roll.writer.restore(roll.former, roll.former.template or {}).changed
    assert not roll.writer.stop(roll.former, "bad").changed
    assert roll.writer.forget_stop().changed
    assert not roll.writer.forget_stop().changed
    assert (world.image, world.notes) == (OLD, {})


def test_only_what_differs_is_written() -> None:
    obj = workload(spec={"minReadySeconds": 5, "paused": True}, annotations={"kept": "yes", "gone": "x"})
    change = {
        "spec": {"minReadySeconds": 5, "paused": None, "strategy": {"type": "RollingUpdate"}, "none": None},
        "notes": {"gone": None, "new": "1"},
        "template": obj["spec"]["template"],
    }
    assert to_operations(obj, change) == [
        {"op": "remove", "path": "/spec/paused"},
        {"op": "add", "path": "/metadata/annotations", "value": {"kept": "yes", "new": "1"}},
    ]
    assert to_operations(workload(), {"spec": {"minReadySeconds": 0}}) == []


@pytest.mark.parametrize("kind", ["DaemonSet", "StatefulSet"])
def test_a_way_back_without_a_noted_pace_lets_a_stopped_workload_go_on(kind: str) -> None:
    world = World.of(kind=kind)
    roll = Run(world).open()
    roll.writer.roll(roll.goal, roll.former)
    roll.writer.stop(roll.former, "bad")
    undo = Run(world).open_undo()
    assert undo.former.pace == {}
    undone = undo.run("taken back", stop=False)
    assert undone.done, undone.error
    assert world.image == OLD
    assert world.obj["spec"]["updateStrategy"]["type"] == "RollingUpdate"
