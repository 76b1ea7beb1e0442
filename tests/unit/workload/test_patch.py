# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changing fields of an object that is there."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT, ClusterError, Conflict
from ansible_collections.slipway.rollout.plugins.module_utils.workload.patch import patch

from tests.unit.store import Store
from tests.unit.workload import builders as build

WHERE = DEPLOYMENT.path("production", "shop-main")


@pytest.fixture
def store() -> Store:
    store = Store()
    store.put(DEPLOYMENT, "production", build.deployment(3, name="shop-main"))
    return store


def test_a_field_is_changed_and_shown(store: Store) -> None:
    done = patch(store.cluster(), "Deployment", "production", "shop-main", {"spec": {"replicas": 5}})
    assert done.changed
    assert "replicas: 3" in done.diff()["before"]
    assert "replicas: 5" in done.diff()["after"]
    assert store.objects[WHERE]["spec"]["replicas"] == 5


def test_what_is_so_already_is_no_change(store: Store) -> None:
    assert not patch(store.cluster(), "Deployment", "production", "shop-main", {"spec": {"replicas": 3}}).changed


@pytest.mark.parametrize(("text", "value"), [({"replicas": "5"}, 5), ({"paused": "True"}, True), ({"x": "5"}, "5")])
def test_texts_of_templates_become_what_the_object_has(store: Store, text: dict[str, str], value: object) -> None:
    store.objects[WHERE]["spec"]["paused"] = False
    done = patch(store.cluster(), "Deployment", "production", "shop-main", {"spec": text})
    assert done.after["spec"][next(iter(text))] == value


def test_a_rehearsal_asks_the_server_and_writes_nothing(store: Store) -> None:
    spec = {"spec": {"replicas": 5}}
    assert patch(store.cluster(), "Deployment", "production", "shop-main", spec, dry_run=True).changed
    assert store.objects[WHERE]["spec"]["replicas"] == 3


def test_whoever_writes_at_the_same_time_is_not_lost(store: Store) -> None:
    store.failures[WHERE] = []
    raced: list[int] = []

    def race() -> None:
        if store.asked[-1].startswith("PATCH") and len(raced) < 2:
            raced.append(1)
            store.put(DEPLOYMENT, "production", build.deployment(7, name="shop-main"))

    store.on_read = race
    patch(store.cluster(), "Deployment", "production", "shop-main", {"spec": {"paused": True}})
    assert (store.objects[WHERE]["spec"]["replicas"], store.objects[WHERE]["spec"]["paused"]) == (7, True)
    store.on_read = lambda: store.failures.update({WHERE: [409] if "PATCH" in store.asked[-1] else []})
    with pytest.raises(Conflict):
        patch(store.cluster(), "Deployment", "production", "shop-main", {"spec": {"paused": False}})


def test_an_object_that_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(ClusterError, match="no Deployment 'shop-mian' in namespace 'production'"):
        patch(store.cluster(), "Deployment", "production", "shop-mian", {"spec": {"replicas": 5}})
