# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.slots.route import live_of, target_of, whole
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split

from tests.unit.slots.builders import KINDS, route, shop, switch


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("live", ["blue", "green"])
def test_which_slot_is_live(kind: str, live: str) -> None:
    assert live_of(route(shop(live), kind).read()) == live


def test_everybody_on_one_slot_and_back() -> None:
    assert whole(switch(), "green") == Split((("blue", 0), ("green", 100)))
    assert target_of(switch(), whole(switch(), "green")) == "green"
    with pytest.raises(TrafficError, match="not split"):
        target_of(switch(), Split((("blue", 10), ("green", 90))))
