# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.lists(st.text("abcdefgh-", min_size=1, max_size=6), min_size=1, max_size=5, unique=True)


@st.composite
def splits(draw: st.DrawFn) -> Split:
    names = draw(NAMES)
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=len(names) - 1, max_size=len(names) - 1)))
    edges = [0, *cuts, 100]
    return Split(tuple((name, edges[i + 1] - edges[i]) for i, name in enumerate(names)))


@given(splits())
def test_parse_takes_back_what_as_dict_gives(split: Split) -> None:
    assert Split.parse(split.as_dict()) == split
    assert Split.parse({name: str(weight) for name, weight in split}).weights == split.weights


@given(splits(), st.integers(1, 50))
def test_shares_on_any_scale_make_the_split(split: Split, scale: int) -> None:
    shares = {name: weight * scale for name, weight in split}
    assert split.is_made_by(shares)
    assert Split.of_shares(shares) == split


@given(st.dictionaries(st.text("abc", min_size=1), st.integers(0, 10_000), min_size=1, max_size=5))
def test_percent_of_anything_sums_to_100_and_hides_no_traffic(shares: dict[str, int]) -> None:
    split = Split.of_shares(shares)
    assert split.total == (100 if any(shares.values()) else 0)
    assert all((split[name] > 0) == (share > 0) for name, share in shares.items())


@given(splits(), splits())
def test_equality_does_not_depend_on_order(one: Split, other: Split) -> None:
    backwards = Split(tuple(reversed(one.weights)))
    assert (backwards, hash(backwards)) == (one, hash(one))
    assert (one == other) == (one.as_dict() == other.as_dict())
    assert one != one.as_dict()


def test_describe_reads_like_a_sentence() -> None:
    assert Split.parse({"stable": 90, "canary": 10}).describe() == "stable 90 %, canary 10 %"


def test_no_shares_make_no_split() -> None:
    assert not Split.parse({"a": 100, "b": 0}).is_made_by({"a": 0, "b": 0})


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        (None, "split is None"),
        ({}, "split is {}"),
        ("90", "split is '90'"),
        ({"stable": 90, "canary": 9}, "sums to 99 (stable 90 %, canary 9 %)"),
        ({"stable": 101, "canary": -1}, "split.stable is 101"),
        ({"stable": 100, "canary": -1}, "split.canary is -1"),
        ({"stable": 99.5, "canary": 0.5}, "split.stable is 99.5"),
        ({"stable": "99.5", "canary": 1}, "split.stable is '99.5'"),
        ({"stable": True, "canary": 99}, "split.stable is True"),
        ({"stable": None, "canary": 100}, "split.stable is None"),
    ],
)
def test_a_bad_split_is_refused_with_field_value_and_remedy(mapping: Any, said: str) -> None:
    with pytest.raises(TrafficError) as caught:
        Split.parse(mapping)
    assert caught.value.error == "bad_split"
    assert said in str(caught.value)


def test_the_field_is_named_as_the_option_is() -> None:
    with pytest.raises(TrafficError, match="on_fail sums to 1"):
        Split.parse({"a": 1}, field="on_fail")
