# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy and request, parsed."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.policy.policy import Least, Policy, Request


def test_a_policy_as_the_module_hands_it_over() -> None:
    options = {
        "strategies": ["canary"],
        "replicas": 3,
        "after": None,
        "stages": [10, 100],
        "at_least": {"duration": 60.0, "stages": None, "checks": 1},
        "groups": ["ops"],
        "freeze": None,
    }
    policy = Policy.parse(options)
    assert policy == Policy(
        strategies=("canary",), replicas=3, stages=(10, 100), at_least=Least(60.0, 0, 1), groups=("ops",)
    )
    assert Policy.parse({"strategies": []}) == Policy(())


def test_a_request_as_the_module_hands_it_over() -> None:
    request = Request.parse(
        {
            "environment": "production",
            "strategy": "canary",
            "image": "shop:2",
            "stages": [10],
            "gate": {"duration": 5},
            "timeouts": {},
            "checks": [{}, {}],
            "run_by": "ann",
            "approved_by": ["bob", " "],
            "freeze_override": "  ",
            "promoted_from": "",
            "skip_reason": " fire ",
        }
    )
    assert (request.checks, request.approved_by, request.freeze_override) == (2, ("bob",), "")
    assert (request.stages, request.skip_reason) == ((10,), "fire")
