# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the run is gone, the template is put back without waiting."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import ClusterError
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.putback import put_back

from tests.unit.rolling.runs import Run
from tests.unit.rolling.world import NAME, NAMESPACE, NEW, OLD, World


def test_it_is_put_back() -> None:
    world = World.of()
    roll = Run(world).open()
    roll.writer.roll(roll.goal, roll.former)
    options = {"kind": "Deployment", "namespace": NAMESPACE, "name": NAME, "former": roll.former.as_dict()}
    said = put_back(world.cluster(), options, world.clock)
    assert said == "Deployment production/shop has the template of shop@sha256:aaaaaaaaaaaa again."
    assert world.image == OLD
    assert put_back(world.cluster(), options, world.clock) == said


def test_what_cannot_be_put_back_is_an_error() -> None:
    world = World.of()
    roll = Run(world).open()
    roll.writer.roll(roll.goal, roll.former)
    world.write(lambda obj: obj["spec"]["template"]["spec"]["containers"][0].update(image="other:1"))
    options = {"kind": "Deployment", "namespace": NAMESPACE, "name": NAME, "former": roll.former.as_dict()}
    with pytest.raises(ClusterError, match="somebody else has changed it"):
        put_back(world.cluster(), options, world.clock)
    with pytest.raises(ClusterError, match="no digest"):
        put_back(world.cluster(), {**options, "former": {}}, world.clock)
    assert NEW not in world.image
