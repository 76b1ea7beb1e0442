# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.slots.notes import FORMER, LEFT
from ansible_collections.slipway.rollout.plugins.module_utils.slots.route import live_of, whole
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split

from tests.unit.slots.builders import NAMESPACE, SERVICE, follow_selector, pod, route, shop
from tests.unit.traffic.builders import CORE
from tests.unit.traffic.fake_api import FakeApi


def go(api: FakeApi, slot: str, *, back: bool = False) -> None:
    switch = route(api, back=back)
    state = switch.read()
    for step in switch.plan(state, whole(switch.switch, slot)):
        state = switch.write(state, step, dry_run=False)
    assert live_of(state) == slot


def test_only_the_label_and_the_notes_change() -> None:
    api = shop()
    before = api.objects[SERVICE]
    go(api, "green")
    after = api.objects[SERVICE]
    assert after["spec"] == {**before["spec"], "selector": {"app": "shop", "slot": "green"}}
    assert after["metadata"]["annotations"] == {FORMER: "blue"}
    go(api, "green")
    assert len(api.writes) == 1
    go(api, "blue", back=True)
    assert api.objects[SERVICE]["metadata"]["annotations"] == {LEFT: "green"}


def test_a_selector_that_means_no_slot() -> None:
    api = shop()
    for selector, words in (({"app": "shop"}, "selects app=shop, which is no slot"), ({}, "selects nothing")):
        api.change(SERVICE, lambda obj, selector=selector: obj["spec"].update(selector=selector))  # type: ignore[misc]
        with pytest.raises(TrafficError, match=words) as caught:
            route(api).read()
        assert caught.value.error == "unknown_slot"


def test_it_cannot_be_split() -> None:
    switch = route(shop())
    with pytest.raises(TrafficError, match="can be switched from slot to slot, not split: blue 50 %, green 50 %"):
        switch.plan(switch.read(), Split((("blue", 50), ("green", 50))))


def test_a_service_that_is_not_there() -> None:
    api = shop()
    with pytest.raises(TrafficError, match="no Service 'shopp' in namespace 'production'. There are: shop, ") as caught:
        route(api, name="shopp").read()
    assert caught.value.error == "no_switch"
    api.unserved.add(f"{CORE}/services")
    with pytest.raises(TrafficError, match="does not serve Service as v1"):
        route(api, name="shopp").read()


def test_endpoints_settle_with_all_ready_pods_of_the_live_slot_and_no_other() -> None:
    api = shop()
    assert route(api).observe().state == "settled"
    go(api, "green")
    waiting = route(api).observe()
    assert (waiting.state, waiting.reason) == (
        "waiting",
        "service production/shop still has 3 endpoints outside of green",
    )
    follow_selector(api)
    assert route(api).observe().state == "settled"
    api.put(f"{CORE}/pods/green-9", pod("green-9", "green"))
    assert "3 of 4 ready pods of green as endpoints" in route(api).observe().reason


def test_no_ready_pod_at_all_is_not_settled() -> None:
    api = shop("green", green=0)
    follow_selector(api)
    assert "0 of 0 ready pods of green" in route(api).observe().reason


def test_who_would_serve() -> None:
    api = shop()
    api.put(f"{CORE}/pods/green-7", pod("green-7", "green", ready=False))
    api.put(f"{CORE}/pods/green-8", pod("green-8", "green", port="web"))
    switch = route(api)
    serving = switch.serving(switch.read(), "green")
    assert (len(serving.ready), serving.total) == (3, 5)
    assert serving.why == "they have no port named 'http', which the Service asks for"
    assert switch.selectors(switch.read())["green"] == (NAMESPACE, {"app": "shop", "slot": "green"})
