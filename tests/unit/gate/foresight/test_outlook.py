# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.growth import Stream
from ansible_collections.slipway.rollout.plugins.module_utils.gate.foresight.outlook import Outlook


def test_what_a_user_must_hear_beforehand() -> None:
    few = Outlook.of("errors", Stream("sequential", 25.0, 0.001), 0.1, 3600.0)
    assert few.doubling() == (
        "at 2.5 canary requests/s and 0.1 % bad requests a doubling is not found within 1 h "
        "(a chance of 11 %, expected after 3.9 h)"
    )
    many = Outlook.of("errors", Stream("sequential", 500.0, 0.01), 0.1, 300.0)
    assert "a doubling is found within 5 min with" in many.doubling()
    between = Outlook.of("errors", Stream("sequential", 500.0, 0.01), 0.1, 90.0)
    assert "is found within 1.5 min only with" in between.doubling()
    slow = Outlook.of("slow", Stream("latency", 100.0, 0.2), 0.1, 60.0)
    assert "5 % slow requests" in slow.doubling()
    limit = Outlook.of("limit", Stream("threshold", 100.0, 0.001, limit=0.01), 0.1, 60.0)
    assert "at no time expected" in limit.doubling()


def test_as_data() -> None:
    found = Outlook.of("limit", Stream("threshold", 100.0, 0.001, limit=0.01), 0.1, 600.0).as_dict()
    assert json.loads(json.dumps(found)) == found
    assert (found["seconds_to_find"]["1.5"], found["seconds_to_pass"]) == (None, None)
    assert list(found["smallest"]) == ["0.8", "0.95"]
    assert found["healthy_taken_back"] == 0.0
