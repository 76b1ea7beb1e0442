# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a route looks like, only the weights of its named backends are touched."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.traffic.builders import PATHS, destination, http_route, ref, route, split, virtual_service
from tests.unit.traffic.fake_api import FakeApi, apply_operation

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FOREIGN = st.dictionaries(st.sampled_from(["match", "filters", "timeout", "x/y", "m~n"]), JSON, max_size=3)
WEIGHT = st.none() | st.integers(0, 100)


@st.composite
def objects(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """A route with our rule somewhere among others, all of them full of fields that are not ours."""
    entry, key = (destination, "route") if kind == "virtualservice" else (ref, "backendRefs")
    ours = [
        {**draw(FOREIGN), **entry("shop-main", draw(WEIGHT))},
        {**draw(FOREIGN), **entry("shop-canary", draw(WEIGHT))},
        *({**draw(FOREIGN), **entry(f"idle-{i}", 0)} for i in range(draw(st.integers(0, 2)))),
    ]
    rules = [
        {**draw(FOREIGN), "name": f"other-{i}", key: [entry("shop-main", draw(WEIGHT))]}
        for i in range(draw(st.integers(0, 3)))
    ]
    rule = {**draw(FOREIGN), "name": "primary", key: draw(st.permutations(ours))}
    rules.insert(draw(st.integers(0, len(rules))), rule)
    obj = (virtual_service if kind == "virtualservice" else http_route)(*rules)
    obj["spec"] |= {"extra": draw(JSON)}
    obj.setdefault("metadata", {})["annotations"] = draw(st.dictionaries(st.text(max_size=4), st.text(max_size=4)))
    return obj


def without_weights(obj: dict[str, Any], kind: str) -> dict[str, Any]:
    """The object without what a change of split may touch."""
    bare = copy.deepcopy(obj)
    bare["metadata"].pop("resourceVersion", None)
    rules, key = ("http", "route") if kind == "virtualservice" else ("rules", "backendRefs")
    for rule in bare["spec"][rules]:
        if rule["name"] == "primary":
            for entry in rule[key]:
                entry.pop("weight", None)
    return bare


@pytest.mark.parametrize("kind", ["virtualservice", "httproute", "grpcroute"])
@given(data=st.data(), canary=st.integers(0, 100))
def test_everything_else_stays_as_it_was(kind: str, data: st.DataObject, canary: int) -> None:
    api = FakeApi()
    before = api.put(PATHS[kind], data.draw(objects(kind)))
    there = route(api, kind, rule="primary")
    asked = split(100 - canary, canary)
    state = there.read()
    steps = there.plan(state, asked)
    after = copy.deepcopy(before)
    for step in steps:
        assert all(change["path"].endswith("/weight") for change in step.patch[1:])
        for change in step.patch[1:]:
            apply_operation(after, change)
    assert without_weights(after, kind) == without_weights(before, kind)
    api.put(PATHS[kind], after)
    reached = there.read()
    assert reached.split == asked
    assert there.plan(reached, asked) == ()
    if steps:
        assert dict(reached.shares) == dict(steps[0].gives)


def test_a_rule_is_never_guessed_from_its_place() -> None:
    api = FakeApi()
    api.put(PATHS["virtualservice"], virtual_service({"route": [destination("a")]}, {"route": [destination("b")]}))
    with pytest.raises(TrafficError) as caught:
        route(api, "virtualservice").read()
    assert caught.value.error == "no_rule"
