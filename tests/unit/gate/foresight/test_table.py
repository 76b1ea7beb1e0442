# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.finding import Stage
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.growth import Stream
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.outlook import Outlook
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.schedule import Schedule, Target
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.table import advice, table


def test_a_row_for_each_check_and_split() -> None:
    outlooks = [
        Outlook.of("errors", Stream("sequential", 25.0, 0.001), 0.1, 3600.0),
        Outlook.of("limit", Stream("threshold", 25.0, 0.001, limit=0.01), 0.01, 10.0),
    ]
    head, errors, limit = table(outlooks)
    assert head.split()[:3] == ["check", "canary", "soak"]
    assert errors.startswith("errors  10 %, 2.5/s  1 h ")
    assert "x3.17" in errors
    assert "nothing" in limit
    assert "never" in limit
    assert head.index("soak") == errors.index("1 h")


def test_the_advice() -> None:
    stages = (Stage(0.1, 240.0), Stage(0.25, 720.0))
    assert advice(Schedule(stages), Target()) == (
        "Soonest: 10 % for 4 min, 25 % for 12 min; 16 min in all, after which x2 is found with 95 %."
    )
    assert advice(None, Target(ratio=1.5)).startswith("No schedule of stages of up to a fortnight reaches the target")
