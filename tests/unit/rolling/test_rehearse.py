# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode: the API server is asked, and nothing is changed."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.rolling.rehearse import rehearse_roll, rehearse_undo

from tests.unit.rolling.runs import Run
from tests.unit.rolling.world import NEW, OLD, World


def test_a_rollout_is_only_shown() -> None:
    world = World.of()
    shown = rehearse_roll(Run(world).open())
    assert shown["changed"]
    assert shown["msg"] == "would give shop:2 to Deployment production/shop"
    assert OLD in shown["diff"]["before"]
    assert NEW in shown["diff"]["after"]
    assert all(dry for _path, _patch, dry in world.store.writes)
    assert world.image == OLD


def test_so_is_the_way_back() -> None:
    world = World.of()
    roll = Run(world).open()
    assert not roll.run().failed
    again = rehearse_roll(Run(world).open())
    assert (again["changed"], again["msg"]) == (False, "Deployment production/shop has shop:2 already")
    undo = Run(world).open_undo()
    shown = rehearse_undo(undo)
    assert (shown["changed"], shown["msg"]) == (True, "would put back shop@sha256:aaaaaaaaaaaa")
    assert world.image == NEW
    undo.run("taken back", stop=False)
    assert not rehearse_undo(undo)["changed"]
