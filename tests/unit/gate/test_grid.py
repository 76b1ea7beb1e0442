# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Native histograms of several resolutions: told alike, and subtracted."""

from __future__ import annotations

from math import inf, log2

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.grid import FINEST, Grid, grown, schema_of
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Bucket
from hypothesis import given
from hypothesis import strategies as st

CUSTOM = (Bucket(-inf, 0.005, 2.0), Bucket(0.005, 0.01, 3.0), Bucket(0.1, 0.25, 4.0), Bucket(2.5, inf, 1.0))
ZERO = Bucket(-0.001, 0.001, 7.0)


def bucket(schema: int, number: int, count: float = 1.0) -> Bucket:
    """The one that ends at the power `number` of its schema's factor."""
    return Bucket(2.0 ** ((number - 1) * 2.0**-schema), 2.0 ** (number * 2.0**-schema), count)


SCHEMAS = st.integers(-4, FINEST)
PLACES = st.lists(st.integers(-60, 60), min_size=1, unique=True)


@given(SCHEMAS, st.lists(st.integers(-20, 20), min_size=1, unique=True))
def test_a_schema_is_known_by_its_buckets(schema: int, numbers: list[int]) -> None:
    assert schema_of([bucket(schema, number) for number in numbers]) == schema


@pytest.mark.parametrize(
    ("buckets", "schema"),
    [
        ((), FINEST),
        ((ZERO,), FINEST),
        (CUSTOM, None),
        ((Bucket(-inf, 0.005, 1.0),), None),
        ((Bucket(1.0, 3.0, 1.0),), None),
        ((bucket(3, 1), bucket(2, 5)), None),
        ((Bucket(1.0, 1.0, 1.0),), None),
    ],
)
def test_what_tells_no_schema(buckets: tuple[Bucket, ...], schema: int | None) -> None:
    assert schema_of(buckets) == schema


@given(SCHEMAS, SCHEMAS, PLACES)
def test_coarser_buckets_hold_whole_ones(schema: int, coarser: int, numbers: list[int]) -> None:
    schema, coarser = max(schema, coarser), min(schema, coarser)
    fine = [bucket(schema, number, float(place + 1)) for place, number in enumerate(numbers)]
    grid = Grid().fitting(fine).fitting([bucket(coarser, 3)])
    assert grid.schema == coarser
    placed = grid.place(fine)
    assert sum(one.events for one in placed.values()) == sum(one.events for one in fine)
    for one in fine:
        near = 1e-9
        assert any(whole.lower * (1 - near) <= one.lower and one.upper <= whole.upper * (1 + near)
                   for whole in placed.values())  # fmt: skip
        edge = grid.edge(one.upper)
        assert edge >= one.upper * (1 - near)
        assert log2(edge) * 2.0**coarser == pytest.approx(round(log2(edge) * 2.0**coarser), abs=1e-6)


def test_of_one_resolution_nothing_changes() -> None:
    fine = [bucket(3, -20, 4.0), bucket(3, 5, 2.0)]
    placed = Grid().fitting(fine).place(fine)
    assert list(placed.values()) == [pytest.approx(one) for one in fine]


def test_a_wide_bucket_around_zero_holds_what_another_histogram_has_apart() -> None:
    wide = [Bucket(-0.25, 0.25, 5.0), bucket(1, 2)]
    low = [Bucket(-1e-9, 1e-9, 1.0), Bucket(-2.0, -1.0, 1.0)]
    fine = [*low, *(bucket(1, number) for number in (-6, -4, -3, 2))]
    grid = Grid().fitting(fine).fitting(wide)
    assert grid == Grid(1, 0.25)
    assert {upper: one.events for upper, one in grid.place(fine).items()} == {0.25: 4.0, 2.0**-1.5: 1.0, 2.0: 1.0}
    assert {upper: one.events for upper, one in grid.place(wide).items()} == {0.25: 5.0, 2.0: 1.0}


def test_buckets_of_somebodys_own_choice_stay() -> None:
    assert Grid(0, 1.0).place(CUSTOM) == {one.upper: one for one in CUSTOM}
    assert Grid(3, 0.5).fitting(CUSTOM) == Grid(3, 0.5)


def test_what_overflows_stays_beyond_all_bounds() -> None:
    assert Grid(-4).edge(2.0**1020) == inf
    assert Grid(0).place([bucket(0, 1), Bucket(2.0**1023, inf, 3.0)])[inf] == Bucket(2.0**1023, inf, 3.0)


def test_gains_are_per_bucket() -> None:
    few, many = {1.0: Bucket(0.5, 1.0, 3.0)}, {1.0: Bucket(0.5, 1.0, 5.0), 2.0: Bucket(1.0, 2.0, 1.0)}
    assert grown(few, many) == {1.0: Bucket(0.5, 1.0, 2.0), 2.0: Bucket(1.0, 2.0, 1.0)}
    assert grown(many, many) == {}
    assert grown(many, few) is None
    assert grown({}, many) == many
