# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.arguments import ObserveOptions
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.counters import open_counters
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError

from tests.unit.traffic.builders import CORE, spec
from tests.unit.traffic.fake_api import FakeApi, FakeClock


def options(**changes: Any) -> ObserveOptions:
    fields: dict[str, Any] = {"timeout": 1.0, "metric": "requests", "matchers": '{a="b"}', "via": "direct"}
    return ObserveOptions(**{**fields, "interval": 0.5, **changes})


def test_counters_are_those_of_the_pods_behind_each_backend() -> None:
    api = FakeApi()
    for name in ("main", "canary"):
        api.put(f"{CORE}/services/shop-{name}", {"spec": {"selector": {"version": name}}})
    counters = open_counters(Cluster(api), spec("httproute"), options(), FakeClock())
    assert counters is not None
    assert (str(counters.selector), counters.interval) == ('requests{a="b"}', 0.5)
    source: Any = counters.source
    groups = [(group.name, group.namespace, group.selector) for group in source.subject.groups]
    assert groups == [("stable", "production", "version=main"), ("canary", "production", "version=canary")]
    assert open_counters(Cluster(api), spec("replicas"), options(), FakeClock()) is None


def test_a_selector_that_cannot_be_read() -> None:
    with pytest.raises(TrafficError, match="observe_metrics gives the selector") as caught:
        open_counters(Cluster(FakeApi()), spec("httproute"), options(matchers='{a="b"'), FakeClock())
    assert caught.value.error == "bad_observe"
