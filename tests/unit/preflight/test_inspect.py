# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole of it: what a person is told."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Forbidden, Unreachable
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.inspect import (
    Preflight,
    cluster_problem,
    inspect,
)
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.problem import Problem
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.view import View

from tests.unit.preflight.world import World, params


def test_one_problem_is_told_in_three_lines() -> None:
    text = World().inspect(image="registry.example/shop:").text("slipway_")
    live, why, then = text.splitlines()
    assert live == "Live: shop@sha256:a1a1a1a1a1a1 on production/shop-main; nothing was changed."
    assert why.startswith("Why: slipway_image: 'registry.example/shop:' is not an image: '' is not a tag. Write ")
    assert then == "Next: correct this and run the same command again."


def test_several_are_listed_and_facts_are_held_back() -> None:
    found = World().inspect(image="", stages=[])
    assert found.text().splitlines()[1:4] == [
        "Why: 2 problems:",
        "- image: no image is given; expected REGISTRY/REPOSITORY:TAG. Name the release to roll out.",
        "- stages: []; expected percentages from 1 to 100, such as [10, 25, 50, 75, 100].",
    ]
    assert set(found.as_dict()) == {"problems", "notes", "permissions"}


def test_a_cluster_that_cannot_be_asked() -> None:
    away = Preflight((cluster_problem(Unreachable("Cannot reach the API server.")),))
    assert away.text("slipway_").splitlines() == [
        "Live: what was live before; nothing was changed.",
        "Why: slipway_cluster: Cannot reach the API server.",
        "Next: correct this and run the same command again.",
    ]
    refused = cluster_problem(Forbidden(401, "Unauthorized", "Unauthorized"))
    assert "does not know these credentials" in refused.found


def test_metrics_have_their_say() -> None:
    world = World()

    def metrics(view: View) -> tuple[list[Problem], list[str]]:
        assert view.stable is not None
        return [Problem("checks[0]", "nothing found")], ["quiet"]

    found = inspect(world.store.cluster(), params(), world.connect, proxy=False, metrics=metrics)
    assert ([problem.field for problem in found.problems], found.notes) == (["checks[0]"], ("quiet",))
    assert "permissions" in found.as_dict()
