# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Old configurations go, used ones stay."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import (
    CONFIG_MAP,
    DEPLOYMENT,
    POD,
    REPLICA_SET,
    SECRET,
    ClusterError,
    Kind,
)
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.bundle import LABEL_HASH, Bundle
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.clearing import clear
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.options import Mounting

from tests.unit.store import Obj, Store

OLD, NOW = "2026-01-01T00:00:00Z", 1767229200.0  # one hour later
REVISION = Kind("apps", "v1", "controllerrevisions", "ControllerRevision")


def bundle(digest: str, app: str = "shop") -> Bundle:
    return Bundle(app, digest, "c", Mounting(), {"config.yaml": ""}, {"KEY": "v"})


@pytest.fixture
def store() -> Store:
    store = Store()
    for digest in ("aaa", "bbb"):
        store.put(CONFIG_MAP, "shops", bundle(digest).config_map(OLD))
        store.put(SECRET, "shops", bundle(digest).secret_object(OLD))
    store.put(CONFIG_MAP, "shops", bundle("aaa", "other").config_map(OLD))
    return store


def using(digest: str) -> Obj:
    return {"metadata": {"annotations": {LABEL_HASH: digest}}}


def test_what_nothing_uses_goes(store: Store) -> None:
    store.put(DEPLOYMENT, "shops", {"metadata": {"name": "shop"}, "spec": {"template": using("bbb")}})
    cleared = clear(store.cluster(), "shops", "shop", NOW, 60, dry_run=False)
    assert cleared.deleted == ("ConfigMap shop-config-aaa", "Secret shop-config-aaa")
    assert cleared.kept == ("ConfigMap shop-config-bbb", "Secret shop-config-bbb")
    assert CONFIG_MAP.path("shops", "other-config-aaa") in store.objects


@pytest.mark.parametrize(
    ("kind", "obj"),
    [
        (REPLICA_SET, {"metadata": {"name": "x"}, "spec": {"template": using("aaa")}}),
        (REVISION, {"metadata": {"name": "x"}, "data": {"spec": {"template": using("aaa")}}}),
        (POD, {"metadata": {"name": "x", **using("aaa")["metadata"]}}),
        (CONFIG_MAP, {"metadata": {"name": "slipway-shop"}, "data": {"history.yaml": "- {release: {config: aaa}}"}}),
    ],
)
def test_whatever_could_come_back_to_it_keeps_it(store: Store, kind: Kind, obj: Obj) -> None:
    store.put(kind, "shops", obj)
    cleared = clear(store.cluster(), "shops", "shop", NOW, 60, dry_run=False)
    assert "Secret shop-config-aaa" in cleared.kept
    assert "Secret shop-config-bbb" in cleared.deleted


def test_what_was_just_applied_is_about_to_be_used(store: Store) -> None:
    assert clear(store.cluster(), "shops", "shop", NOW, 7200, dry_run=False).deleted == ()


def test_check_mode_deletes_nothing(store: Store) -> None:
    before = set(store.objects)
    assert len(clear(store.cluster(), "shops", "shop", NOW, 60, dry_run=True).deleted) == 4
    assert set(store.objects) == before


def test_odd_ones(store: Store) -> None:
    obj = store.objects[CONFIG_MAP.path("shops", "shop-config-aaa")]
    obj["metadata"]["annotations"] = {"slipway.rollout/applied": "yesterday"}
    store.failures[CONFIG_MAP.path("shops", "shop-config-bbb")] = [404]
    cleared = clear(store.cluster(), "shops", "shop", NOW, 60, dry_run=False)
    assert cleared.deleted == ("ConfigMap shop-config-aaa", "Secret shop-config-aaa", "Secret shop-config-bbb")
    assert clear(Store().cluster(), "shops", "shop", NOW, 60, dry_run=False).deleted == ()


def test_what_cannot_be_looked_at_is_not_touched(store: Store) -> None:
    store.denied = {("list", "controllerrevisions")}
    with pytest.raises(ClusterError, match="may not list controllerrevisions in namespace shops"):
        clear(store.cluster(), "shops", "shop", NOW, 60, dry_run=False)
    assert store.writes == []
