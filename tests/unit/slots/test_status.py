# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster
from ansible_collections.slipway.rollout.plugins.module_utils.slots.status import slots_of

from tests.unit.preflight.world import hpa
from tests.unit.slots.builders import HPAS, NEW, OLD, route, shop
from tests.unit.traffic.builders import APPS
from tests.unit.traffic.fake_api import FakeApi, Obj


def status(api: FakeApi, container: str = "", **changes: Any) -> Obj:
    switch = route(api, **changes)
    return slots_of(Cluster(api), switch, switch.read(), container)


def test_what_each_slot_holds() -> None:
    api = shop()
    api.put(f"{HPAS}/shop", hpa(target="shop-blue"))
    notes = {"slipway.rollout/former-image": NEW, "slipway.rollout/former-release": "registry.example/shop:2"}
    api.change(f"{APPS}/shop-blue", lambda obj: obj["metadata"].update(annotations=notes))
    blue = status(api)["blue"]
    assert (blue["ready"], blue["pods"], blue["replicas"], blue["selector"]) == (3, 3, 3, "app=shop,slot=blue")
    assert (blue["image"], blue["container"], blue["deployment"]) == (OLD, "app", "shop-blue")
    assert blue["config"] == ""
    assert (blue["former_image"], blue["former_release"]) == (NEW, "registry.example/shop:2")
    assert blue["hpa"]["name"] == "shop"
    assert status(api)["green"]["hpa"] is None


def test_a_deployment_that_is_not_there_or_not_named() -> None:
    api = shop()
    del api.objects[f"{APPS}/shop-green"]
    assert "replicas" not in status(api, "app")["green"]
    assert "deployment" not in status(api, slots={"blue": {}, "green": {}})["blue"]
