# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Putting a configuration into the cluster."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import CONFIG_MAP, SECRET, ClusterError
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.apply import apply
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.bundle import APPLIED, Bundle
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.options import Mounting

from tests.unit.store import Store

BUNDLE = Bundle("shop", "h1", "c", Mounting(), {"config.yaml": "a: 1\n"}, {"KEY": "v"})
WHERE = CONFIG_MAP.path("shops", "shop-config-h1")


@pytest.fixture
def store() -> Store:
    return Store()


def test_what_is_missing_is_created_and_then_left(store: Store) -> None:
    done = apply(store.cluster(), "shops", BUNDLE, "t1", dry_run=False)
    assert done.created == ("ConfigMap shop-config-h1", "Secret shop-config-h1")
    again = apply(store.cluster(), "shops", BUNDLE, "t2", dry_run=False)
    assert not again.changed
    assert store.objects[WHERE]["metadata"]["annotations"][APPLIED] == "t2"


def test_check_mode_asks_only(store: Store) -> None:
    done = apply(store.cluster(), "shops", BUNDLE, "t1", dry_run=True)
    assert done.changed
    assert store.objects == {}
    store.put(CONFIG_MAP, "shops", BUNDLE.config_map("t1"))
    store.put(SECRET, "shops", BUNDLE.secret_object("t1"))
    assert not apply(store.cluster(), "shops", BUNDLE, "t2", dry_run=True).changed
    assert store.objects[WHERE]["metadata"]["annotations"][APPLIED] == "t1"


def test_without_anything_secret_there_is_no_secret(store: Store) -> None:
    bundle = Bundle("shop", "h1", "c", Mounting(), {"config.yaml": ""}, {})
    assert apply(store.cluster(), "shops", bundle, "t1", dry_run=False).created == ("ConfigMap shop-config-h1",)


def test_somebody_else_creates_it_at_the_same_moment(store: Store) -> None:
    store.failures[CONFIG_MAP.path("shops", "shop-config-h1")] = [404]
    store.put(CONFIG_MAP, "shops", BUNDLE.config_map("t0"))
    assert apply(store.cluster(), "shops", BUNDLE, "t1", dry_run=False).created == ("Secret shop-config-h1",)


def test_other_content_than_the_name_says_is_refused(store: Store) -> None:
    store.put(CONFIG_MAP, "shops", {**BUNDLE.config_map("t0"), "data": {"config.yaml": "a: 2\n"}})
    with pytest.raises(ClusterError, match="other content than its name says"):
        apply(store.cluster(), "shops", BUNDLE, "t1", dry_run=False)
