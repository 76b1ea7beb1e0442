# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.traffic import arguments
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.kinds import KINDS, open_route

from tests.unit.traffic.builders import spec
from tests.unit.traffic.fake_api import FakeApi


def test_choices_are_the_kinds_there_are() -> None:
    choices = arguments.ROUTE_SPEC["route"]["options"]["kind"]["choices"]
    assert choices == sorted(KINDS) == sorted(arguments._KEYS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_route_is_opened_without_a_request(kind: str) -> None:
    api = FakeApi()
    assert open_route(Cluster(api), spec(kind)).spec.kind == kind
    assert api.reads == []


def test_a_kind_that_there_is_not() -> None:
    with pytest.raises(TrafficError, match="choose one of grpcroute, httproute, openshiftroute,") as caught:
        open_route(Cluster(FakeApi()), spec("ingress"))
    assert caught.value.error == "bad_route"
