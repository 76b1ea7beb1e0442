# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a rollout that was cut off."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.decision import Open, Wanted, decide
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.entry import JUDGING, OPENED, PROVEN, Entry

IMAGE = {"title": "shop:2", "asked": "reg/shop:2", "image": "reg/shop@sha256:22"}
FAILED = {"stage": "10 %", "verdict": "fail", "reason": "errors: 9 of 10"}


def found(phase: str, **more: Any) -> Entry:
    return Entry("canary", IMAGE, by="ann@ops", since="noon", phase=phase, stage="10 %", **more)


def test_nothing_open_is_a_start() -> None:
    assert decide(None, Wanted("canary", "reg/shop:2")).action == "start"


@pytest.mark.parametrize(
    ("phase", "policy", "action"),
    [
        (OPENED, "auto", "resume"),
        (OPENED, "resume", "resume"),
        (OPENED, "rollback", "rollback"),
        (JUDGING, "auto", "rollback"),
        (JUDGING, "resume", "resume"),
        (JUDGING, "rollback", "rollback"),
        (PROVEN, "auto", "resume"),
        (PROVEN, "resume", "resume"),
        (PROVEN, "rollback", "rollback"),
    ],
)
def test_the_same_command_again(phase: str, policy: str, action: str) -> None:
    decision = decide(found(phase), Wanted("canary", "reg/shop:2", policy))
    assert decision.action == action
    assert decision.message.startswith("The canary of shop:2, at 10 %, since noon by ann@ops, was cut off")


@pytest.mark.parametrize("policy", ["auto", "resume", "rollback"])
def test_a_release_whose_gate_had_failed_is_always_taken_back(policy: str) -> None:
    decision = decide(found(JUDGING, evidence=(FAILED,)), Wanted("canary", "reg/shop:2", policy))
    assert decision.action == "rollback"
    assert "errors: 9 of 10" in decision.message


def test_an_older_stage_says_nothing_of_this_one() -> None:
    older = {**FAILED, "stage": "5 %"}
    assert decide(found(PROVEN, evidence=(older,)), Wanted("canary", "reg/shop:2")).action == "resume"


@pytest.mark.parametrize("asked", ["", "reg/shop:2", "reg/shop@sha256:22", "mirror/shop@sha256:22"])
def test_the_same_release_is_known_by_name_or_digest(asked: str) -> None:
    assert decide(found(PROVEN), Wanted("canary", asked)).action == "resume"


@pytest.mark.parametrize(("strategy", "asked"), [("blue_green", "reg/shop:2"), ("canary", "reg/shop:3")])
def test_another_command_is_told_what_is_open(strategy: str, asked: str) -> None:
    with pytest.raises(Open) as told:
        decide(found(JUDGING), Wanted(strategy, asked))
    assert "canary of shop:2, at 10 %" in str(told.value)
    assert "playbooks/canary.yml -e slipway_image=reg/shop:2" in str(told.value)
    assert "playbooks/rollback.yml" in str(told.value)


def test_the_same_image_with_another_configuration_is_another_release() -> None:
    """Else one that nobody has judged would be finished as if it were proven."""
    cut_off = Entry("canary", {**IMAGE, "config": "c1"}, by="ann@ops", since="noon", phase=PROVEN, stage="10 %")
    assert decide(cut_off, Wanted("canary", "reg/shop:2", config="c1")).action == "resume"
    with pytest.raises(Open, match=r"with configuration c2 and not c1\) would mix"):
        decide(cut_off, Wanted("canary", "reg/shop:2", config="c2"))
    with pytest.raises(Open, match="with configuration none and not c1"):
        decide(cut_off, Wanted("canary", "reg/shop:2"))
    assert decide(cut_off, Wanted("rollback")).action == "rollback"


def test_a_rollback_takes_whatever_is_open() -> None:
    assert decide(found(PROVEN), Wanted("rollback")).action == "rollback"
