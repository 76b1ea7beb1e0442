# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an environment refuses, and what it says then."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.policy.decide import Decision, Facts, decide
from ansible_collections.slipway.rollout.plugins.module_utils.policy.identity import Identity
from ansible_collections.slipway.rollout.plugins.module_utils.policy.policy import Least, Policy, Request

FROZEN = {"from": "1970-01-01", "to": "1970-01-02", "reason": "Christmas trade"}


def decision(policy: dict[str, Any] | None = None, request: dict[str, Any] | None = None, **facts: Any) -> Decision:
    allowed = Policy(**{"strategies": ("canary", "rolling"), "after": "staging", **(policy or {})})
    wanted = Request(**{"environment": "production", "strategy": "canary", "image": "shop:2", **(request or {})})
    return decide(allowed, wanted, Facts(**{"now": 3600.0, **facts}))


def told(*args: Any, **facts: Any) -> str:
    return decision(*args, **facts).text("production", "slipway_")


def test_nothing_against_it() -> None:
    found = decision({"stages": (10, 100), "gate": {"interval": 5, "duration": 60}}, {"gate": {"duration": 90}})
    assert found.problems == ()
    assert found.as_dict() == {
        "problems": [],
        "notes": [],
        "stages": [10, 100],
        "gate": {"interval": 5, "duration": 90},
        "timeouts": {},
    }


def test_a_strategy() -> None:
    assert "slipway_strategy: production does not allow blue_green; expected canary or rolling. Run playbooks/" in told(
        request={"strategy": "blue_green"}
    )
    assert "expected none" in told({"strategies": ()})


def test_a_stage_that_is_left_out_and_the_way_in_an_emergency() -> None:
    text = told(request={"promoted_from": "testing"})
    assert "slipway_environment: from testing to production leaves out staging" in text
    assert "playbooks/promote.yml -e slipway_from=staging -e slipway_to=production" in text
    assert "slipway_skip_reason" in text
    request = {"promoted_from": "testing", "skip_reason": "the shop is down", "run_by": "ann"}
    assert decision(request=request).notes == (
        "promoted from testing",
        "environments skipped by ann: the shop is down",
    )
    assert decision(request={"promoted_from": "staging"}).problems == ()


def test_nothing_is_promoted_to_the_first_environment() -> None:
    assert "is the first environment" in told({"after": ""}, {"promoted_from": "testing"})
    assert (
        "run playbooks/canary.yml"
        in decision({"after": "", "strategies": ()}, {"promoted_from": "x"}).problems[1].remedy
    )


def test_only_what_was_promoted() -> None:
    assert "takes only what was proven in staging" in told({"only_promoted": True})
    assert decision({"only_promoted": True}, {"promoted_from": "staging"}).problems == ()


def test_a_freeze_and_its_override() -> None:
    text = told({"freeze": (FROZEN,)})
    assert "slipway_freeze: production is frozen until 1970-01-02 00:00 UTC: Christmas trade. Wait, or say why" in text
    passed = decision({"freeze": (FROZEN,)}, {"freeze_override": "security fix", "run_by": "ann"})
    assert passed.problems == ()
    assert passed.notes == (
        "production is frozen until 1970-01-02 00:00 UTC: Christmas trade; overridden by ann: security fix",
    )
    assert decision({"freeze": (FROZEN,)}, now=99999.0).problems == ()
    assert "slipway_freeze: from: '' is no date" in told({"freeze": ({"reason": "r"},)})


@pytest.mark.parametrize(
    ("who", "may"),
    [(Identity("ann"), True), (Identity("bob", ("ops",)), True), (Identity("eve", ("all",)), False), (None, False)],
)
def test_who_may(who: Identity | None, may: bool) -> None:
    found = decision({"users": ("ann",), "groups": ("ops",)}, identity=who)
    assert (not found.problems) is may


def test_who_may_is_told() -> None:
    text = told({"users": ("ann",), "groups": ("ops",)}, identity=Identity("eve"))
    assert "the cluster knows you as 'eve', who may not release to production; expected ann or members of ops" in text


def test_approvals_are_others() -> None:
    assert "slipway_approved_by: 0 of 1 approvals (ann, who runs this, does not count)" in told(
        {"approvals": 1}, {"run_by": "ann", "approved_by": ("ann",)}
    )
    passed = decision({"approvals": 1}, {"run_by": "ann", "approved_by": ("bob",)})
    assert (passed.problems, passed.notes) == ((), ("approved by bob",))


def test_by_digest() -> None:
    assert "slipway_image: 'shop:2' is a tag" in told({"by_digest": True})
    assert decision({"by_digest": True}, {"image": "shop@sha256:1"}).problems == ()


@pytest.mark.parametrize(
    ("gate", "ok"),
    [
        ({"duration": 30}, False),
        ({"duration": 60}, True),
        ({"count": 5, "interval": 10}, False),
        ({"count": 6, "interval": 10}, True),
        ({"duration": "a while"}, True),
        ({}, True),
    ],
)
def test_a_gate_that_is_too_short(gate: dict[str, Any], ok: bool) -> None:
    found = decision({"at_least": Least(duration=60)}, {"gate": gate})
    assert (not found.problems) is ok


def test_all_is_told_at_once() -> None:
    text = told(
        {"at_least": Least(stages=3, checks=1), "stages": (50, 100), "replicas": 3},
        replicas={"Deployment a": 2, "Deployment b": 0},
    )
    assert "Why: 3 reasons:" in text
    assert "slipway_stages: [50, 100]; expected at least 3 in production" in text
    assert "slipway_checks: 0 checks; expected at least 1 in production" in text
    assert "slipway_policy: Deployment a has 2 replicas; expected at least 3 in production" in text
    assert decision({"replicas": 3}).problems == ()
    assert decision({"replicas": 3}, replicas={"Deployment a": 3, "Deployment b": 0}).problems == ()


def test_how_long_a_gate_takes_is_the_inventorys_in_whatever_words() -> None:
    policy = {"gate": {"interval": 5, "duration": 120, "min_soak": 60}}
    assert decision(policy, {"gate": {"max_soak": 900}}).gate == {"interval": 5, "duration": 900, "min_soak": 60}
    assert decision(policy, {"gate": {"count": 9}}).gate == {"interval": 5, "count": 9, "min_soak": 60}
