# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.distinct import canary_labels, shared_labels
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.world import AdoptError
from hypothesis import given
from hypothesis import strategies as st

KEYS = ["app", "app.kubernetes.io/name", "version", "tier", "zone"]


@pytest.mark.parametrize(
    ("labels", "selector", "services", "changed"),
    [
        ({"app": "shop"}, ["app"], [["app"]], {"app": "shop-canary"}),
        ({"app": "shop", "version": "main"}, ["app", "version"], [["app", "version"]], {"version": "canary"}),
        ({"app": "shop", "version": "main"}, ["app"], [["app", "version"]], {"app": "shop-canary"}),
        ({"app": "shop", "version": "main"}, ["app", "version"], [["app"]], {"app": "shop-canary"}),
        (
            {"app.kubernetes.io/name": "shop", "app.kubernetes.io/instance": "eu"},
            ["app.kubernetes.io/name", "app.kubernetes.io/instance"],
            [["app.kubernetes.io/name"]],
            {"app.kubernetes.io/name": "shop-canary"},
        ),
        ({"app": "shop", "tier": "web"}, ["app"], [["tier"]], {"app": "shop-canary", "tier": "web-canary"}),
        ({"app": "x" * 63}, ["app"], [], {"app": "x" * 56 + "-canary"}),
    ],
)
def test_as_few_labels_as_it_takes(
    labels: dict[str, str], selector: list[str], services: list[list[str]], changed: dict[str, str]
) -> None:
    def pick(keys: list[str]) -> dict[str, str]:
        return {key: labels[key] for key in keys}

    assert canary_labels(labels, pick(selector), map(pick, services)) == {**labels, **changed}


@given(st.sets(st.sampled_from(KEYS), min_size=1), st.lists(st.sets(st.sampled_from(KEYS), min_size=1), max_size=4))
def test_nothing_that_selected_stable_selects_the_canary(selector: set[str], services: list[set[str]]) -> None:
    labels = dict.fromkeys(KEYS, "x")
    found = canary_labels(labels, dict.fromkeys(selector, "x"), [dict.fromkeys(one, "x") for one in services])
    assert set(found) == set(labels)
    for keys in (selector, *services):
        assert any(found[key] != labels[key] for key in keys)


def test_one_service_for_both() -> None:
    labels = {"app": "shop", "version": "main"}
    assert shared_labels(labels, labels, {"app": "shop"}) == {"app": "shop", "version": "canary"}
    with pytest.raises(AdoptError, match="selects its pods by app alone, as the Service does"):
        shared_labels(labels, {"app": "shop"}, {"app": "shop"})
