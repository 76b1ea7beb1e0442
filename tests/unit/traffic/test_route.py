# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.traffic.route import step_patch

from tests.unit.traffic.builders import put_route, route, spec
from tests.unit.traffic.fake_api import FakeApi


def test_a_route_says_what_it_is() -> None:
    assert spec("httproute").describe() == "httproute production/shop"
    assert spec("httproute", rule="primary").describe() == "httproute production/shop rule 'primary'"


def test_a_state_has_the_versions_of_all_its_objects_and_shows_none_of_them() -> None:
    api = FakeApi()
    put_route(api, "replicas", 3, 1)
    state = route(api, "replicas").read()
    assert state.resource_version == "102,103"
    assert "managedFields" not in repr(state)


def test_a_patch_begins_with_the_comparison() -> None:
    change = {"op": "add", "path": "/spec/replicas", "value": 1}
    assert step_patch("7", (change,)) == ({"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}, change)
