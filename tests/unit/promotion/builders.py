# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An environment where a release was proven."""

from __future__ import annotations

from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.cluster import CONFIG_MAP, DEPLOYMENT
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.bundle import (
    COMMON,
    COMMON_FILE,
    LABEL_HASH,
)
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.entry import Entry
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.ledger import Book, Ledger
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.names import Names

from tests.unit.store import Store

NAMES = Names("shops", "shop", "testing")
IMAGE = "registry.example/shop@sha256:" + "a1" * 32
RELEASE: dict[str, Any] = {"title": "shop:2", "image": IMAGE, "asked": "registry.example/shop:2", "config": "h1"}
PROVEN = Entry("rolling", RELEASE, by="ann@ops", ended="2026-01-01 12:00:00 UTC", outcome="released")


def environment(*history: Entry, opened: Entry | None = None, **changes: Any) -> Store:
    """Changes: image, config, status, replicas, generation, common."""
    store = Store()
    Ledger(store.cluster(), NAMES).write(lambda _book: Book(opened, history or (PROVEN,)))
    digest = changes.get("config", "h1")
    template = {
        "metadata": {"annotations": {LABEL_HASH: digest} if digest else {}},
        "spec": {"containers": [{"name": "app", "image": changes.get("image", IMAGE)}]},
    }
    status = {"observedGeneration": 1, "updatedReplicas": 2, "availableReplicas": 2}
    obj = {
        "metadata": {"name": "shop-main", "generation": changes.get("generation", 1)},
        "spec": {"replicas": changes.get("replicas", 2), "template": template},
        "status": changes.get("status", status),
    }
    store.put(DEPLOYMENT, "shops", obj)
    meta = {"name": "shop-config-h1", "annotations": {COMMON: "c1"}}
    store.put(CONFIG_MAP, "shops", {"metadata": meta, "data": {COMMON_FILE: changes.get("common", "")}})
    return store
