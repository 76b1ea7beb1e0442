# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.slots import follow as module
from ansible_collections.slipway.rollout.plugins.module_utils.slots.route import whole
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.apply import apply_split
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.arguments import ObserveOptions
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError

from tests.unit.slots.builders import follow_selector, route, shop
from tests.unit.slots.counting import Counting
from tests.unit.traffic.fake_api import FakeClock, Obj

OPTIONS = ObserveOptions(5, "requests_total", "{}", "proxy", 0.25)


def followed(
    monkeypatch: pytest.MonkeyPatch, rates: Obj, kind: str = "service", *, observe: bool = True, endpoints: bool = True
) -> Obj:
    api, clock = shop(), FakeClock()
    counting = Counting(clock, lambda gone: rates)
    monkeypatch.setattr(module, "open_counters", lambda *_arguments: counting.counters())
    switch = route(api, kind)
    change = apply_split(switch, whole(switch.switch, "green"), check_mode=False, clock=clock, deadline=clock.now + 9)
    if endpoints:
        follow_selector(api)
    options = OPTIONS if observe else None
    return module.follow(Cluster(api), switch, change, options, clock, 5)


def test_requests_show_that_users_have_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = followed(monkeypatch, {"green": 200.0})
    assert (seen["followed"], seen["by"], seen["requests"]["blue"]) == (True, "counters", 0)


def test_without_counters_the_endpoints_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    assert followed(monkeypatch, {}, observe=False)["by"] == "endpoints"
    assert followed(monkeypatch, {}, "virtualservice", observe=False) == {}


def test_connections_that_were_open_before_are_told_and_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = followed(monkeypatch, {"blue": 200.0})
    assert (seen["followed"], seen["by"]) == (False, "endpoints")
    assert "on connections that were open before" in seen["warning"]


@pytest.mark.parametrize(("kind", "endpoints"), [("virtualservice", True), ("service", False)])
def test_traffic_that_does_not_follow_is_an_error(monkeypatch: pytest.MonkeyPatch, kind: str, endpoints: bool) -> None:
    with pytest.raises(TrafficError) as caught:
        followed(monkeypatch, {"blue": 200.0}, kind, endpoints=endpoints)
    assert caught.value.error == "not_followed"


def test_no_requests_at_all_leave_what_the_endpoints_say(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = followed(monkeypatch, {})
    assert (seen["followed"], seen["by"]) == (True, "endpoints")
    assert "no request was counted" in seen["warning"]


def test_counters_that_cannot_be_opened() -> None:
    clock, shopping = FakeClock(), shop()
    switch = route(shopping)
    change = apply_split(switch, whole(switch.switch, "green"), check_mode=False, clock=clock, deadline=clock.now + 9)
    shopping.read_faults = ["unreachable"]
    with pytest.raises(TrafficError, match="is switched, but could not be observed"):
        module.follow(Cluster(shopping), switch, change, OPTIONS, clock, 5)
