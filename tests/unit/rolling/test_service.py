# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods that are ready, and the Service that users reach them by."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import ENDPOINT_SLICE
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.service import Behind, NotBehind

from tests.unit.store import Store
from tests.unit.traffic.fake_api import FakeClock


def endpoint(pod: str, ready: bool | None = True) -> dict[str, Any]:
    return {"targetRef": {"kind": "Pod", "name": pod}, "conditions": {} if ready is None else {"ready": ready}}


def put(store: Store, *endpoints: dict[str, Any]) -> None:
    labels = {"kubernetes.io/service-name": "shop"}
    store.put(ENDPOINT_SLICE, "production", {"metadata": {"name": "shop-1", "labels": labels}, "endpoints": endpoints})


def behind(store: Store, clock: FakeClock) -> Behind:
    return Behind(store.cluster(), "production", "shop", clock, 5.0)


def test_they_are_waited_for() -> None:
    store, clock = Store(), FakeClock()
    put(store, endpoint("a"), endpoint("b", ready=False))
    beats: list[float] = []

    def beat() -> None:
        beats.append(clock.now)
        put(store, endpoint("a"), endpoint("b", ready=None), endpoint("c"))

    behind(store, clock).wait(["a", "b"], beat)
    assert len(beats) == 1


def test_one_that_is_left_out_is_named() -> None:
    store, clock = Store(), FakeClock()
    put(store, endpoint("a"))
    with pytest.raises(NotBehind, match="Service production/shop leaves out b 5 s after all pods were ready"):
        behind(store, clock).wait(["a", "b"], lambda: None)


def test_what_cannot_be_read_is_not_taken_for_well() -> None:
    store, clock = Store(), FakeClock()
    store.failures[ENDPOINT_SLICE.path("production")] = [403] * 20
    with pytest.raises(NotBehind, match="is not known"):
        behind(store, clock).wait(["a"], lambda: None)
