# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the options alone tell."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.wish import parse_stages, parse_wish
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.preflight.world import ROUTE, params

FIVE = [10, 25, 50, 75, 100]


def fields(**changes: Any) -> list[str]:
    return [problem.field for problem in parse_wish(params(**changes))[1]]


def test_right_options_are_no_problem() -> None:
    wish, problems = parse_wish(params(registry={"username": "a", "password": None}))
    assert problems == []
    assert wish.image is not None
    assert wish.image.tag == "2"
    assert (wish.registry.username, wish.registry.password) == ("a", "")


def test_all_wrong_options_are_told_at_once() -> None:
    told = fields(image="Shop:", route=ROUTE | {"kind": "magic"}, canary="shop-main", stages=[200])
    assert told == ["image", "route", "canary", "stages"]


def test_no_image_and_other_backends() -> None:
    backends = {"stable": {"service": "a"}, "blue": {"service": "b"}}
    assert fields(image="", route=ROUTE | {"backends": backends}) == ["image", "route.backends"]


@pytest.mark.parametrize(
    ("first", "stages"),
    [
        (None, (10, 25, 50, 75, 100)),
        (5, (5, 25, 50, 75, 100)),
        (10, (10, 25, 50, 75, 100)),
        (25, (25, 50, 75, 100)),
        (50, (50, 75, 100)),
        (100, (100,)),
    ],
)
def test_the_first_stage_can_be_chosen(first: int | None, stages: tuple[int, ...]) -> None:
    assert parse_stages(FIVE, first) == (stages, [])


@pytest.mark.parametrize(
    ("stages", "first", "field"),
    [
        ([], None, "stages"),
        ([0, 50], None, "stages"),
        ([50, 101], None, "stages"),
        ([50, 25], None, "stages"),
        ([50, 50], None, "stages"),
    ],
)
def test_stages_that_make_no_sense(stages: list[int], first: int | None, field: str) -> None:
    assert [problem.field for problem in parse_stages(stages, first)[1]] == [field]


def test_a_first_stage_that_makes_no_sense() -> None:
    assert [problem.field for problem in parse_stages(FIVE, 101)[1]] == ["first_stage", "stages"]


@given(st.sets(st.integers(1, 100), min_size=1), st.integers(1, 100))
def test_stages_always_rise_and_begin_with_the_first(stages: set[int], first: int) -> None:
    weights, problems = parse_stages(sorted(stages), first)
    assert problems == []
    assert weights[0] == first
    assert list(weights) == sorted(set(weights))
