# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError

from tests.unit.traffic.builders import PATHS, destination, put_route, route, split, virtual_service
from tests.unit.traffic.fake_api import FakeApi

KIND = "virtualservice"
BOTH = [destination("shop-main", 100), destination("shop-canary", 0)]


def test_weights_are_read_and_other_rules_left_alone() -> None:
    api = FakeApi()
    put_route(api, KIND, 90, 10)
    there = route(api, KIND, rule="primary")
    state = there.read()
    (step,) = there.plan(state, split(75, 25))
    assert [(change["op"], change["path"], change["value"]) for change in step.patch] == [
        ("replace", "/metadata/resourceVersion", state.resource_version),
        ("replace", "/spec/http/1/route/0/weight", 75),
        ("replace", "/spec/http/1/route/1/weight", 25),
    ]


def test_old_api_versions() -> None:
    api = FakeApi()
    api.put(PATHS[KIND].replace("/v1/", "/v1beta1/"), virtual_service({"route": BOTH}))
    for version in ("networking.istio.io/v1beta1", "v1beta1"):
        assert route(api, KIND, api_version=version).read().split == split(100, 0)
    with pytest.raises(TrafficError, match="belongs to the group networking.istio.io") as caught:
        route(api, KIND, api_version="gateway.networking.k8s.io/v1")
    assert caught.value.error == "bad_route"


def test_a_write_is_one_patch_and_gives_the_state_after_it() -> None:
    api = FakeApi()
    put_route(api, KIND, 100, 0)
    there = route(api, KIND, rule="primary")
    state = there.read()
    (step,) = there.plan(state, split(75, 25))
    assert there.write(state, step, dry_run=True).split == split(75, 25)
    assert there.read().split == split(100, 0)
    after = there.write(state, step, dry_run=False)
    assert (after.split, dict(after.shares)) == (split(75, 25), dict(step.gives))
    assert [dry for _path, _patch, dry in api.writes] == [True, False]
