# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.slots.counters import open_counters
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.arguments import ObserveOptions
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError

from tests.unit.slots.builders import route, shop
from tests.unit.traffic.fake_api import FakeClock


def test_requests_are_counted_on_the_pods_of_both_slots() -> None:
    api, options = shop(), ObserveOptions(5, "requests_total", '{path!~"/health.*"}', "proxy", 0.25)
    counters = open_counters(Cluster(api), route(api), options, FakeClock())
    assert (str(counters.selector), counters.interval) == ('requests_total{path!~"/health.*"}', 0.25)
    counters.source.read([counters.selector])
    asked = [path.rpartition("slot%3D")[2] for path in api.reads if "pods?" in path]
    assert asked == ["blue", "green"]


def test_a_selector_that_cannot_be_read() -> None:
    api, options = shop(), ObserveOptions(5, "requests_total", "{path", "proxy", 0.25)
    with pytest.raises(TrafficError, match="observe_metrics gives the selector requests_total{path") as caught:
        open_counters(Cluster(api), route(api), options, FakeClock())
    assert caught.value.error == "bad_observe"
