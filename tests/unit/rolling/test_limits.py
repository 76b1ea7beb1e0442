# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Room for the pods that a rollout makes, and pods that can be spared."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.limits import (
    Steps,
    budget_problems,
    host_port_notes,
    quantity,
    quota_problems,
    steps,
)
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.pace import Pace

from tests.unit.rolling.world import LABELS, workload

HOST_PORT = {"ports": [{"containerPort": 8000, "hostPort": 80}]}
SIZED = {"resources": {"requests": {"cpu": "250m"}, "limits": {"memory": "64Mi"}}}


@pytest.mark.parametrize(
    ("kind", "pace", "expected"),
    [
        ("Deployment", Pace(), Steps(3, 1, 0)),
        ("Deployment", Pace("10%", 0), Steps(3, 0, 1)),
        ("StatefulSet", Pace(), Steps(3, 0, 1)),
        ("DaemonSet", Pace(), Steps(3, 1, 0)),
        ("DaemonSet", Pace(1, 0), Steps(3, 0, 1)),
    ],
)
def test_steps(kind: str, pace: Pace, expected: Steps) -> None:
    assert steps(workload(kind), pace, 3) == expected


def budget(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "floor"}, "spec": {"selector": {"matchLabels": LABELS}, **spec}}


@pytest.mark.parametrize(
    ("spec", "fewer", "kept"),
    [
        ({"minAvailable": 2}, 1, True),
        ({"minAvailable": 3}, 1, False),
        ({"minAvailable": "80%"}, 1, False),
        ({"maxUnavailable": 1}, 1, True),
        ({"maxUnavailable": 0}, 1, False),
        ({"maxUnavailable": 0}, 0, True),
        ({"minAvailable": 3, "selector": {"matchLabels": {"app": "other"}}}, 1, True),
    ],
)
def test_what_disruption_budgets_promise(spec: dict[str, Any], fewer: int, kept: bool) -> None:
    problems = list(budget_problems(workload(), Steps(3, 1, fewer), [budget(**spec)]))
    assert (problems == []) is kept


def test_a_broken_promise_in_words() -> None:
    (problem,) = budget_problems(workload("StatefulSet"), Steps(3, 0, 1), [budget(minAvailable=3)])
    assert problem.text() == (
        "max_unavailable: 2 of 3 pods of StatefulSet shop may be left while it rolls, but PodDisruptionBudget floor "
        "promises 3; expected a pace that keeps the promise. A StatefulSet takes one pod away at a time: add a "
        "replica, or let the budget spare one."
    )


def quota(hard: dict[str, str], used: dict[str, str], **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "full"}, "spec": {"hard": hard, **spec}, "status": {"hard": hard, "used": used}}


@pytest.mark.parametrize(
    ("hard", "used", "room"),
    [
        ({"pods": "4"}, {"pods": "3"}, True),
        ({"pods": "3"}, {"pods": "3"}, False),
        ({"count/pods": "3"}, {"count/pods": "3"}, False),
        ({"requests.cpu": "1"}, {"requests.cpu": "800m"}, False),
        ({"cpu": "1"}, {"cpu": "750m"}, True),
        ({"limits.memory": "1Gi"}, {"limits.memory": "1000Mi"}, False),
        ({"requests.memory": "100Mi"}, {"requests.memory": "90Mi"}, False),
        ({"services": "1"}, {"services": "1"}, True),
    ],
)
def test_room_in_quotas(hard: dict[str, str], used: dict[str, str], room: bool) -> None:
    obj = workload(container=SIZED)
    assert (list(quota_problems(obj, Steps(3, 1, 0), [quota(hard, used)])) == []) is room
    assert list(quota_problems(obj, Steps(3, 1, 1), [quota(hard, used)])) == []
    assert list(quota_problems(obj, Steps(3, 0, 1), [quota(hard, used)])) == []
    assert list(quota_problems(obj, Steps(3, 1, 0), [quota(hard, used, scopes=["BestEffort"])])) == []


def test_no_room_in_words() -> None:
    (problem,) = quota_problems(workload(), Steps(3, 1, 0), [quota({"pods": "3"}, {"pods": "3"})])
    assert "ResourceQuota full has no room for one (pods: 3 of 3 used)" in problem.found


def test_ports_of_the_node_are_told() -> None:
    (note,) = host_port_notes(workload("DaemonSet", container=HOST_PORT), Pace())
    assert "(80)" in note
    assert list(host_port_notes(workload("DaemonSet"), Pace())) == []
    assert list(host_port_notes(workload(container=HOST_PORT), Pace())) == []


@pytest.mark.parametrize(
    ("text", "value"), [("2", 2.0), ("1.5Gi", 1610612736.0), ("2e3", 2000.0), ("x", 0.0), (3, 3.0)]
)
def test_quantities(text: object, value: float) -> None:
    assert quantity(text) == value
