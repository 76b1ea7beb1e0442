# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one look at a Deployment takes in."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT
from ansible_collections.slipway.rollout.plugins.module_utils.workload.snapshot import (
    NoDeployment,
    is_ready,
    newest,
    take,
    with_events,
)

from tests.unit.store import Store
from tests.unit.workload import builders as build


def test_pods_are_those_of_the_newest_template_that_are_to_stay() -> None:
    store = Store()
    now = build.deployment(2)
    before = build.deployment(2, image="registry.example/shop:1")
    new, old = build.replica_set(now), build.replica_set(before, suffix="66f7c")
    build.put(store, now, new, build.pod(new, "b"), build.pod(new, "a"), build.pod(new, "z", deleted=True))
    build.put(store, now, old, build.pod(old, "c"))
    snapshot = take(store.cluster(), "production", "shop-canary")
    assert [pod["metadata"]["name"] for pod in snapshot.pods] == ["shop-canary-7d4b9-a", "shop-canary-7d4b9-b"]


def test_a_deployment_without_a_replica_set_has_no_pods() -> None:
    store = Store()
    build.put(store, build.deployment())
    snapshot = take(store.cluster(), "production", "shop-canary")
    assert (snapshot.revision, snapshot.pods) == (None, ())


def test_of_two_replica_sets_with_the_same_template_the_older_one_is_used() -> None:
    deployment = build.deployment()
    old, young = build.replica_set(deployment, suffix="b"), build.replica_set(deployment, suffix="a")
    young["metadata"]["creationTimestamp"] = "2027-01-15T09:00:00Z"
    assert newest(deployment, [young, old]) is old


def test_a_replica_set_of_somebody_else_with_equal_labels_is_not_taken() -> None:
    deployment = build.deployment()
    other = build.replica_set(build.deployment(name="other"))
    assert newest(deployment, [other]) is None


def test_a_missing_deployment_is_told_with_what_is_there() -> None:
    store = Store()
    build.put(store, build.deployment(name="shop-main"))
    with pytest.raises(NoDeployment, match="no Deployment 'shop' in namespace 'production'. There are: shop-main."):
        take(store.cluster(), "production", "shop")
    store.remove(DEPLOYMENT, "production", "shop-main")
    with pytest.raises(NoDeployment, match="no Deployments at all; is the namespace right"):
        take(store.cluster(), "production", "shop")


def test_events_are_asked_for_pods_that_are_not_ready_and_only_for_some() -> None:
    store = Store()
    deployment = build.deployment(6)
    of = build.replica_set(deployment)
    pods = [build.pod(of, "ready", ready=True), *(build.pod(of, str(number)) for number in range(5))]
    build.put(store, deployment, of, *pods, events=(build.event(pods[1], "Unhealthy", "Readiness probe failed: x"),))
    snapshot = with_events(store.cluster(), take(store.cluster(), "production", "shop-canary"))
    assert sorted(snapshot.events) == ["shop-canary-7d4b9-0", "shop-canary-7d4b9-1", "shop-canary-7d4b9-2"]
    assert [event["reason"] for event in snapshot.events["shop-canary-7d4b9-0"]] == ["Unhealthy"]


def test_a_pod_without_status_is_not_ready() -> None:
    assert not is_ready({"metadata": {"name": "new"}, "spec": {}})
