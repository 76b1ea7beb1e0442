# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.world import (
    GATEWAY,
    names_of,
    read_world,
    ready_pods,
)
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT, SERVICE, Forbidden

from tests.unit.adopt.builders import NAMESPACE, deployment, pod, simple, store

GATEWAYS = "/apis/gateway.networking.k8s.io/v1/gateways"


def test_objects_by_kind() -> None:
    found = store((GATEWAY, {"metadata": {"name": "front", "namespace": "gateways"}}))
    world = read_world(found.cluster(), NAMESPACE)
    assert [one["metadata"]["name"] for one in world.all(GATEWAY)] == ["front"]
    assert world.all(DEPLOYMENT) == ()
    assert world.unread == ()


def test_a_kind_that_is_not_served_has_no_objects() -> None:
    found = simple()
    found.failures[GATEWAYS] = [404]
    assert read_world(found.cluster(), NAMESPACE).all(GATEWAY) == ()


def test_a_kind_that_may_not_be_read_is_told() -> None:
    found = simple()
    found.failures[GATEWAYS] = [403]
    assert read_world(found.cluster(), NAMESPACE).unread == ("gateways.gateway.networking.k8s.io",)
    found.failures[SERVICE.path(NAMESPACE)] = [403]
    with pytest.raises(Forbidden):
        read_world(found.cluster(), NAMESPACE)


def test_names_and_pods() -> None:
    one = deployment()
    found = simple()
    assert [one["metadata"]["name"] for one in ready_pods(found.cluster(), one)] == ["shop-1"]
    assert names_of([pod(one, "b"), pod(one, "a")]) == "a, b"
    assert names_of([]) == "none"
