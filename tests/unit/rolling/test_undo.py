# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back: what is said of it, and what may go wrong on it."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.former import FORMER_TEMPLATE, NoFormer
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.undo import Undone

from tests.unit.rolling.runs import Run
from tests.unit.rolling.world import NEW, OLD, World


def test_an_hour_later_it_goes_back_by_what_the_workload_says() -> None:
    world = World.of()
    assert not Run(world).open().run().failed
    undo = Run(world).open_undo()
    undone = undo.run("taken back", stop=False)
    assert undone.done
    assert undone.changed
    assert undone.stopped is None
    assert world.image == OLD
    assert FORMER_TEMPLATE not in world.notes
    assert undone.describe(undo.former).startswith("The template of shop@sha256:aaaaaaaaaaaa was put back after")
    with pytest.raises(NoFormer):
        Run(world).open_undo()


def test_a_former_template_that_is_gone_is_told_in_the_result() -> None:
    world = World.of()
    first = Run(world).open()
    assert not first.run().failed
    undo = Run(world).open_undo()
    for path in [path for path in world.store.objects if "replicasets" in path]:
        if NEW not in str(world.store.objects[path]):
            del world.store.objects[path]
    undone = undo.run("taken back", stop=False)
    assert not undone.done
    assert "is gone (revisionHistoryLimit is 10)" in undone.error
    assert "IT IS NOT AS BEFORE" in undone.describe(undo.former)


def test_a_former_release_that_does_not_come_either_is_told() -> None:
    world = World.of()
    assert not Run(world).open().run().failed
    world.broken = {OLD}
    undone = Run(world).open_undo().run("taken back", stop=False)
    assert undone.equal
    assert not undone.done
    assert "exits with code 3" in undone.error


def test_as_data() -> None:
    done = Undone(0.1234, 0.2, None, True, "shop-1", "", "Deployment shop is paused", ("shop-0",), True).as_dict()
    assert done == {
        "done": False,
        "stopped_after": 0.123,
        "written_after": 0.2,
        "back_after": None,
        "equal": True,
        "revision": "shop-1",
        "deleted_pods": ["shop-0"],
        "error": "",
    }
