# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.cusum import Evidence, log_ratios, unlike
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.traffic.builders import split


def feed(old: Split, new: Split, *looks: tuple[int, int]) -> Evidence:
    ratios, evidence = log_ratios(old, new), Evidence()
    for stable, canary in looks:
        evidence = evidence.after(ratios, {"stable": stable, "canary": canary})
    return evidence


def test_a_rollback_is_believed_after_as_many_requests_as_it_needs() -> None:
    old, new = split(90, 10), split(100, 0)
    assert not feed(old, new, (80, 0)).followed
    assert feed(old, new, (100, 0)).followed


def test_a_straggler_does_not_undo_a_rollback() -> None:
    assert feed(split(90, 10), split(100, 0), (100, 1), (60, 0)).followed


def test_traffic_from_before_the_switch_does_not_count_against_it() -> None:
    assert feed(split(90, 10), split(100, 0), (9000, 1000), (100, 0)).followed


def test_traffic_by_the_old_split_is_seen_as_such() -> None:
    evidence = feed(split(90, 10), split(100, 0), (90, 10), (90, 10))
    assert evidence.not_followed
    assert not evidence.followed


def test_a_few_requests_say_nothing() -> None:
    evidence = feed(split(90, 10), split(100, 0), (5, 0))
    assert (evidence.followed, evidence.not_followed) == (False, False)
    assert feed(split(90, 10), split(100, 0)) == Evidence()


@pytest.mark.parametrize(("old", "new"), [(0, 10), (10, 0), (10, 25), (25, 50), (50, 75), (75, 100), (100, 0), (0, 5)])
def test_every_stage_is_recognised_and_hardly_ever_too_early(old: int, new: int) -> None:
    before, after = split(100 - old, old), split(100 - new, new)
    ratios, rng = log_ratios(before, after), random.Random(old * 1000 + new)
    early = 0
    for dummy in range(200):
        evidence = Evidence()
        for request in range(5000):
            share = old if request < 25 else new  # 25 requests until the proxies have followed
            canary = rng.random() * 100 < share
            evidence = evidence.after(ratios, {"canary" if canary else "stable": 1.0})
            if evidence.followed:
                early += request < 25
                break
        assert evidence.followed
    assert early <= 2


@given(st.integers(0, 100), st.integers(0, 100))
def test_the_new_split_never_speaks_against_itself(old: int, new: int) -> None:
    before, after = split(100 - old, old), split(100 - new, new)
    ratios = log_ratios(before, after)
    assert sum(weight / 100 * ratios[name] for name, weight in after) >= -0.01


@pytest.mark.parametrize(
    ("weights", "other"),
    [
        ({"a": 100, "b": 0}, {"a": 91, "b": 9}),
        ({"a": 90, "b": 10}, {"a": 100, "b": 0}),
        ({"a": 50, "b": 50}, {"a": 100, "b": 0}),
        ({"a": 0, "b": 100, "c": 0}, {"a": 5, "b": 91, "c": 4}),
    ],
)
def test_an_unchanged_split_is_told_from_a_likely_wrong_one(weights: dict[str, int], other: dict[str, int]) -> None:
    assert unlike(Split.parse(weights)).as_dict() == other
