# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a Deployment has come: every count that may lag behind."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.workload.progress import Progress, progress_of
from ansible_collections.slipway.rollout.plugins.module_utils.workload.snapshot import Snapshot

from tests.unit.workload import builders as build


def progress(**changes: Any) -> Progress:
    values: dict[str, Any] = {"observed": True, "desired": 3, "updated": 3, "ready": 3, "available": 3, "old": 0}
    return Progress(**(values | changes))


def test_counts_come_from_the_replica_set_of_the_newest_template() -> None:
    deployment = build.deployment(3, updated=2, total=4)
    deployment["status"]["readyReplicas"] = 4  # former templates are counted in here
    found = progress_of(Snapshot(deployment, build.replica_set(deployment, ready=2, available=1)))
    assert found == Progress(observed=True, desired=3, updated=2, ready=2, available=1, old=2)
    assert not found.done
    assert found.as_dict() == {"desired": 3, "updated": 2, "ready": 2, "available": 1, "old": 2}


def test_a_deployment_that_nobody_has_looked_at_yet_is_not_done() -> None:
    found = progress_of(Snapshot(build.deployment(0, generation=3, observed=2)))
    assert not found.done
    assert found.describe() == "the Deployment controller has not yet seen the last change"


def test_zero_pods_are_done_when_they_are_gone() -> None:
    assert progress_of(Snapshot(build.deployment(0))).done
    assert not progress_of(Snapshot(build.deployment(0, updated=1))).done


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"updated": 2, "ready": 2, "available": 2}, "2 of 3 pods of the new template are available"),
        ({"available": 2}, "2 of 3 pods of the new template are available"),
        ({"ready": 2}, "3 of 3"),
        ({"old": 1}, "3 of 3 pods of the new template are available, 1 of the former one still runs"),
        ({"old": 2}, "2 of the former one still run"),
        ({"updated": 4}, "1 to be stopped"),
    ],
)
def test_what_is_missing_is_said(changes: dict[str, Any], told: str) -> None:
    found = progress(**changes)
    assert not found.done
    assert told in found.describe()


def test_enough_pods_may_be_there_before_all_are() -> None:
    found = progress(ready=2, available=2)
    assert found.has(2)
    assert not found.has(3)
    assert not progress(old=1).has(1)
    assert not progress(observed=False).has(0)
