# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The conformance suite drives the lab as the integration tests do."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.kinds import KINDS

from tests.conformance.place import Place
from tests.integration.conftest import Lab, lab, shop
from tests.integration.shop import Shop

__all__ = ["lab", "shop"]


@pytest.fixture(params=sorted(KINDS))
def place(request: pytest.FixtureRequest, lab: Lab, shop: Shop) -> Place:
    place = Place(lab, shop, request.param)
    shop.put(place.kind, *((1, 0) if place.pods else (100, 0)))
    return place
