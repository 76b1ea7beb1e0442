# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read, and what is missing, with names that may have been meant."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import SERVICE
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.view import read

from tests.unit.rolling.world import NAME, NAMESPACE, World


def test_it_is_read_once() -> None:
    world = World.of()
    world.store.put(SERVICE, NAMESPACE, {"metadata": {"name": "shop"}, "spec": {}})
    view = read(world.cluster(), "Deployment", NAMESPACE, NAME, "shop")
    assert view.problems == []
    assert view.snapshot is not None
    assert view.service is not None
    assert view.snapshot.workload["kind"] == "Deployment"


def test_names_that_are_not_there() -> None:
    world = World.of()
    view = read(world.cluster(), "Deployment", NAMESPACE, "shopp", "shop")
    assert [problem.field for problem in view.problems] == ["name", "service"]
    assert view.problems[0].expected == "shop"
