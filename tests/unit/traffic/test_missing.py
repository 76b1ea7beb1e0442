# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError

from tests.unit.traffic.builders import PATHS, route
from tests.unit.traffic.fake_api import FakeApi

KIND = "virtualservice"


def test_a_missing_object_names_those_that_are_there() -> None:
    api = FakeApi()
    for i in range(7):
        api.put(PATHS[KIND].replace("/shop", f"/shop-{i}"), {})
    with pytest.raises(TrafficError) as caught:
        route(api, KIND).read()
    assert caught.value.error == "no_route"
    assert "no VirtualService 'shop' in namespace 'production'. There are: shop-0, shop-1" in str(caught.value)
    assert "shop-4, …" in str(caught.value)


def test_a_missing_object_where_there_are_none() -> None:
    with pytest.raises(TrafficError, match="'production'. Correct route.name"):
        route(FakeApi(), KIND).read()


def test_a_missing_object_where_listing_is_forbidden() -> None:
    with pytest.raises(TrafficError, match="no VirtualService 'shop'"):
        route(FakeApi(read_faults=[404, 403]), KIND).read()


def test_a_missing_kind_is_told_from_a_missing_object() -> None:
    api = FakeApi(unserved={PATHS[KIND].rsplit("/", 1)[0]})
    with pytest.raises(
        TrafficError, match="does not serve VirtualService as networking.istio.io/v1. Install it"
    ) as caught:
        route(api, KIND).read()
    assert caught.value.error == "no_route"
