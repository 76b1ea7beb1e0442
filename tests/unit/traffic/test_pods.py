# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.pods import describe_pods, wanted_pods
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.traffic.builders import spec, split

KEPT = {"capacity": 3, "keep": (("stable", 3),)}


@pytest.mark.parametrize(
    ("canary", "pods"), [(0, (3, 0)), (10, (3, 1)), (25, (3, 1)), (50, (3, 2)), (75, (3, 3)), (100, (3, 3))]
)
def test_stable_keeps_what_it_had_and_the_canary_is_rounded_up(canary: int, pods: tuple[int, int]) -> None:
    wanted = wanted_pods(spec("replicas", **KEPT), split(100 - canary, canary), {"stable": 3, "canary": 1})
    assert wanted == {"stable": pods[0], "canary": pods[1]}


@pytest.mark.parametrize(("canary", "pods"), [(0, (3, 0)), (1, (2, 1)), (10, (2, 1)), (50, (2, 1)), (100, (0, 3))])
def test_without_a_floor_the_sum_of_pods_stays(canary: int, pods: tuple[int, int]) -> None:
    wanted = wanted_pods(spec("replicas"), split(100 - canary, canary), {"stable": 2, "canary": 1})
    assert wanted == {"stable": pods[0], "canary": pods[1]}


@given(st.integers(0, 100), st.integers(1, 60), st.integers(0, 60), st.booleans())
def test_setting_the_same_split_again_changes_nothing(canary: int, stable: int, more: int, kept: bool) -> None:
    options = {"capacity": stable, "keep": (("stable", stable),)} if kept else {}
    route, asked = spec("replicas", **options), split(100 - canary, canary)
    once = wanted_pods(route, asked, {"stable": stable, "canary": more})
    assert wanted_pods(route, asked, once) == once
    assert (once["canary"] > 0) == (canary > 0)
    if kept:
        assert once["stable"] == stable
        assert once["canary"] * 100 >= canary * stable


def test_pods_for_people() -> None:
    assert describe_pods({"stable": 3, "canary": 1}) == "stable 3, canary 1"
