# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done for a run that is gone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import DEPLOYMENT, ClusterError
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.entry import JUDGING, PROVEN, Entry
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.ledger import Book, Ledger
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.names import Names
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.undo import put_back

from tests.unit.store import Store
from tests.unit.traffic.fake_api import FakeClock
from tests.unit.workload import builders as build

WHERE = DEPLOYMENT.path("production", "shop-main")
RUN = "ann@ops run 1 shop"
TARGET = {"kind": "Deployment", "name": "shop-main", "namespace": "production"}
UNDO = {"module": "patch", "options": {**TARGET, "definition": {"spec": {"paused": True}}}}


class Shop:
    def __init__(self, **entry: Any) -> None:
        self.store = Store()
        self.store.put(DEPLOYMENT, "production", build.deployment(3, name="shop-main"))
        self.ledger = Ledger(self.store.cluster(), Names("production", "shop"))
        self.ledger.write(lambda book: Book(Entry("rolling", **{"holder": RUN, "undo": UNDO, **entry}), book.history))

    def put_back(self) -> str:
        return put_back(self.store.cluster(), self.ledger, RUN, FakeClock())

    @property
    def paused(self) -> bool:
        return bool(self.store.objects[WHERE]["spec"].get("paused"))


def test_it_is_done_and_noted() -> None:
    shop = Shop(phase=JUDGING)
    assert shop.put_back() == "Deployment production/shop-main is as it was."
    assert shop.paused
    entry = shop.ledger.read().open
    assert entry is not None
    assert entry.notes[0].startswith("cut off; users were put back at 20")


@pytest.mark.parametrize("entry", [{"phase": PROVEN}, {"holder": "bob@ops run 2 shop"}, {"undo": {}}])
def test_what_is_proven_or_not_ours_stays(entry: dict[str, Any]) -> None:
    shop = Shop(**entry)
    assert shop.put_back() == ""
    assert not shop.paused


def test_without_an_open_entry_there_is_nothing_to_do() -> None:
    shop = Shop()
    shop.ledger.write(lambda book: Book(None, book.history))
    assert shop.put_back() == ""


def test_a_server_that_fails_is_an_error() -> None:
    shop = Shop()
    shop.store.failures[WHERE] = [500]
    with pytest.raises(ClusterError):
        shop.put_back()
