# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.slots.pods import (
    Serving,
    Wanted,
    endpoints_of,
    lacks_port,
    pods_of,
    refuse_unready,
    runs,
)
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError

from tests.unit.slots.builders import NAMESPACE, NEW, OLD, endpoints, pod, shop
from tests.unit.traffic.builders import CORE, SLICES
from tests.unit.traffic.fake_api import FakeApi, Obj


def serving(count: int, total: int | None = None, why: str = "", image: str = NEW) -> Serving:
    ready = tuple(pod(f"green-{number}", "green", image=image) for number in range(count))
    return Serving("green", ready, count if total is None else total, why)


def test_enough_ready_pods_are_let_through() -> None:
    refuse_unready(serving(3), Wanted(3), "service production/shop")
    refuse_unready(serving(3), Wanted(3, NEW, "app"), "service production/shop")


def test_too_few_are_refused_with_the_numbers_and_why() -> None:
    with pytest.raises(TrafficError) as caught:
        refuse_unready(serving(1, 3, "no such port"), Wanted(3), "service production/shop")
    assert caught.value.error == "not_ready"
    assert caught.value.data == {"changed": False}
    assert "not switched to green: it has 1 ready of 3 pods (no such port), and min_ready is 3" in str(caught.value)


def test_another_image_is_refused_with_the_pods_that_run_it() -> None:
    with pytest.raises(TrafficError, match="4 of its 4 ready pods do not run image") as caught:
        refuse_unready(serving(4, image=OLD), Wanted(1, NEW), "service production/shop")
    assert caught.value.error == "wrong_image"
    assert f"green-0 {OLD}, green-1 {OLD}, green-2 {OLD})" in str(caught.value)


def test_min_ready_of_nothing_is_refused() -> None:
    assert Wanted.parse({"min_ready": 2, "image": None}) == Wanted(2)
    with pytest.raises(TrafficError, match="min_ready is 0"):
        Wanted.parse({"min_ready": 0})


def with_id(image: str, image_id: str) -> Obj:
    found = pod("green-0", "green", image=image)
    found["status"]["containerStatuses"] = [{"name": "app", "imageID": image_id}, {"name": "side", "imageID": "x"}]
    return found


@pytest.mark.parametrize(
    ("running", "image_id", "wanted", "same"),
    [
        (NEW, "", NEW, True),
        (NEW, "", OLD, False),
        ("registry.example/shop:2", NEW, NEW, True),
        ("registry.example/shop:2", f"docker-pullable://{NEW}", NEW, True),
        ("registry.example/shop:2", OLD, NEW, False),
        ("registry.example/shop:2", NEW, "registry.example/shop:2", True),
        ("registry.example/shop:1", OLD, "registry.example/shop:2", False),
        ("Not An Image", "", "Not An Image", True),
        (NEW, "", "Not An Image", False),
    ],
)
def test_an_image_is_known_by_its_digest_else_by_its_tag(running: str, image_id: str, wanted: str, same: bool) -> None:
    assert runs(with_id(running, image_id), Wanted(image=wanted)) is same


def test_a_container_that_is_not_there_runs_nothing() -> None:
    assert not runs(pod("green-0", "green", image=NEW), Wanted(image=NEW, container="api"))


def test_pods_that_end_do_not_count_and_no_selector_means_none() -> None:
    api = shop()
    ending = pod("blue-9", "blue", deletionTimestamp="2027-01-15T08:16:00Z")
    api.put(f"{CORE}/pods/blue-9", ending)
    assert len(pods_of(Cluster(api), NAMESPACE, {"slot": "blue"})) == 3
    assert pods_of(Cluster(api), NAMESPACE, {}) == []


def test_endpoints_are_ready_unless_they_say_otherwise() -> None:
    api = FakeApi()
    api.put(f"{SLICES}/one", endpoints("shop", "a", ready=None))
    api.put(f"{SLICES}/two", endpoints("shop", "b", ready=False))
    api.put(f"{SLICES}/three", endpoints("shop", "b", "c"))
    api.put(f"{SLICES}/other", endpoints("else", "d"))
    external = endpoints("shop")
    external["endpoints"] = [{"addresses": ["192.0.2.1"]}]
    api.put(f"{SLICES}/four", external)
    assert endpoints_of(Cluster(api), NAMESPACE, "shop") == {"a": True, "b": True, "c": True}


def test_a_named_target_port_must_be_there() -> None:
    service = {"spec": {"ports": [{"port": 80, "targetPort": "http"}, {"port": 81, "targetPort": 8000}, {"port": 82}]}}
    assert lacks_port(service, pod("a", "blue")) == ""
    assert lacks_port(service, pod("a", "blue", port="web")) == "http"
