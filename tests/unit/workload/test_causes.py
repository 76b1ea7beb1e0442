# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of causes, and what the Deployment itself says."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.workload.cause import Cause
from ansible_collections.slipway.rollout.plugins.module_utils.workload.causes import causes_of
from ansible_collections.slipway.rollout.plugins.module_utils.workload.progress import progress_of
from ansible_collections.slipway.rollout.plugins.module_utils.workload.snapshot import Snapshot

from tests.unit.store import Obj
from tests.unit.workload import builders as build

QUOTA = (
    'pods "shop-canary-7d4b9-a" is forbidden: exceeded quota: pods, requested: pods=1, used: pods=4, limited: pods=4'
)
POLICY = 'pods "shop-canary-7d4b9-a" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation'
WEBHOOK = 'admission webhook "policy.example" denied the request: no digest'
DEADLINE = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out"}


def of(deployment: Obj, *pods: Obj) -> list[Cause]:
    snapshot = Snapshot(deployment, build.replica_set(deployment), pods)
    return causes_of(snapshot, progress_of(snapshot), 1)


def refused(message: str) -> Obj:
    return {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}


@pytest.mark.parametrize(("message", "patience"), [(QUOTA, 15), (POLICY, 0), (WEBHOOK, 0)])
def test_the_cluster_refuses_pods(message: str, patience: float) -> None:
    (cause,) = of(build.deployment(conditions=[refused(message)]))
    assert (cause.kind, cause.patience) == ("refused", patience)
    assert cause.text == f"The cluster refuses pods of Deployment shop-canary: {message}."


def test_a_paused_deployment_says_how_to_resume_it() -> None:
    (cause,) = of(build.deployment(paused=True))
    assert (cause.kind, cause.patience) == ("paused", 0)
    assert "kubectl -n production rollout resume deployment/shop-canary" in cause.text


def test_what_is_known_of_pods_comes_before_the_deadline() -> None:
    deployment = build.deployment(conditions=[DEADLINE, {"type": "Available", "status": "False"}])
    crashed = build.pod(build.replica_set(deployment), state=build.terminated(3), restarts=2)
    causes = of(deployment, crashed)
    assert [cause.kind for cause in causes] == ["crash", "deadline"]
    assert causes[1].text == "Deployment shop-canary made no progress for 60 s (its progressDeadlineSeconds)."


def test_conditions_of_a_former_generation_say_nothing() -> None:
    assert of(build.deployment(conditions=[DEADLINE, refused(QUOTA)], generation=3, observed=2)) == []


def test_ready_pods_are_not_looked_into() -> None:
    deployment = build.deployment()
    assert of(deployment, build.pod(build.replica_set(deployment), ready=True)) == []
