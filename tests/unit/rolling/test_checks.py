# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks are asked of the pods that are there, as if all were new."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.checks import ask_for_present
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.options import PREFLIGHT_SPEC
from ansible_collections.slipway.rollout.plugins.module_utils.workload.snapshot import take

from tests.unit.rolling.runs import ERRORS, PODS, Run
from tests.unit.rolling.world import NAME, NAMESPACE, World


def asked(world: World, **changes: Any) -> tuple[list[str], list[str]]:
    defaults = {name: spec.get("default") for name, spec in PREFLIGHT_SPEC.items()}
    params = {**defaults, "kind": world.kind, "name": NAME, "namespace": NAMESPACE, "source": PODS, **changes}
    snapshot = take(world.cluster(), NAMESPACE, NAME, world.kind)
    problems, notes = ask_for_present(world.cluster(), params, snapshot, world.clock)
    return [problem.text() for problem in problems], notes


def test_a_check_that_finds_requests_is_right() -> None:
    world = World.of()
    Run(world)
    world.clock.now += 10
    assert asked(world, checks=[ERRORS, {**ERRORS, "name": "old", "arm": "stable"}]) == ([], [])
    assert asked(world) == ([], [])


def test_no_requests_yet_is_a_note() -> None:
    world = World.of()
    Run(world)
    _problems, notes = asked(world, checks=[ERRORS])
    assert notes == ["Check errors: no requests have been counted for stable. A gate cannot judge none."]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"checks": [{**ERRORS, "metrics": "prometheus"}]}, "metrics"),
        ({"checks": [{**ERRORS, "metrics": "istio"}]}, "Give checks[0].labels"),
        ({"checks": [ERRORS], "gate": {"interval": 0.01}}, "interval: is 0.01"),
        ({"checks": [ERRORS], "gate": {"on_pod_failure": "tell"}}, ""),
    ],
)
def test_what_is_wrong(changes: dict[str, Any], words: str) -> None:
    world = World.of()
    Run(world)
    problems, _notes = asked(world, **changes)
    assert problems == [] if not words else words in problems[0]
