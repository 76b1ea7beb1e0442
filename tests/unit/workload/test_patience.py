# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a cause may stand, and what former pods teach about probes."""

from __future__ import annotations

from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.workload.cause import NEVER, Cause
from ansible_collections.slipway.rollout.plugins.module_utils.workload.patience import Patience

PROBE, LATER, NEVER_SURE = Cause("probe", "p"), Cause("unschedulable", "u", 60.0), Cause("volume", "v", NEVER)


def pod(started: str | None = "2027-01-15T08:00:01Z", ready: str | None = "2027-01-15T08:00:05Z") -> dict[str, Any]:
    state = {"running": {"startedAt": started}} if started else {"waiting": {}}
    condition = {"type": "Ready", "status": "True", "lastTransitionTime": ready}
    return {"status": {"conditions": [condition], "containerStatuses": [{"state": state}]}}


def given(patience: Patience) -> list[float]:
    return [cause.patience for cause in patience.apply([PROBE, LATER, NEVER_SURE])]


def test_without_a_limit_all_is_as_it_is() -> None:
    patience = Patience()
    patience.learn([pod()])
    assert given(patience) == [NEVER, 60.0, NEVER]


def test_with_a_limit_nothing_certain_is_waited_for_longer() -> None:
    assert given(Patience(10.0)) == [NEVER, 10.0, NEVER]


def test_a_probe_may_take_three_times_as_long_as_former_pods_took() -> None:
    patience = Patience(10.0)
    patience.learn([])
    patience.learn([pod(None), pod(ready=None)])
    assert given(patience)[0] == NEVER
    patience.learn([pod(), pod(), pod(ready="2027-01-15T09:00:00Z")])  # the last one has flapped
    assert given(patience)[0] == 12.0
    patience.learn([pod(ready="2027-01-15T08:00:02Z")])
    assert given(patience)[0] == 12.0


def test_pods_that_were_quick_leave_the_limit() -> None:
    patience = Patience(10.0)
    patience.learn([pod(ready="2027-01-15T08:00:02Z")])
    assert given(patience)[0] == 10.0
