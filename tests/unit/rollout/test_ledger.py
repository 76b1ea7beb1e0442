# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger in its ConfigMap."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import CONFIG_MAP, ClusterError
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.entry import JUDGING, Entry
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.ledger import KEPT, Book, Ledger
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.names import Names

from tests.unit.store import Store

NAMES = Names("shops", "shop", "production")
WHERE = CONFIG_MAP.path("shops", "slipway-shop")


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return Ledger(store.cluster(), NAMES)


def entry(number: int = 1) -> Entry:
    return Entry("canary", {"title": f"shop:{number}"}, former={"replicas": 3})


def test_what_is_not_there_is_empty(ledger: Ledger) -> None:
    assert ledger.read() == Book()
    assert not ledger.update(lambda one: one.reached(JUDGING)).changed


def test_an_open_entry_is_written_changed_and_closed(store: Store, ledger: Ledger) -> None:
    written = ledger.write(lambda book: Book(entry(), book.history))
    assert written.changed
    assert "title: shop:1" in written.after["production.open.yaml"]
    ledger.update(lambda one: one.reached(JUDGING, "10 %"))
    assert ledger.read().open == entry().reached(JUDGING, "10 %")
    ledger.write(lambda book: book.closing(entry().closed("released", "fine", "now")))
    book = ledger.read()
    assert book.open is None
    assert book.last_released is not None
    assert book.last_released.title() == "shop:1"
    assert "production.open.yaml" not in store.objects[WHERE]["data"]


def test_the_last_ten_are_kept(ledger: Ledger) -> None:
    for number in range(KEPT + 5):
        ledger.write(lambda book, number=number: book.closing(entry(number).closed("rolled_back", "", "now")))  # type: ignore[misc]
    book = ledger.read()
    assert [one.title() for one in book.history] == [f"shop:{number}" for number in range(14, 4, -1)]
    assert book.last_released is None


def test_other_environments_pages_stay(store: Store, ledger: Ledger) -> None:
    Ledger(store.cluster(), Names("shops", "shop", "staging")).write(lambda book: Book(entry(7), book.history))
    ledger.write(lambda book: Book(entry(), book.history))
    assert set(store.objects[WHERE]["data"]) == {"staging.open.yaml", "production.open.yaml"}


def test_writing_the_same_is_no_write(store: Store, ledger: Ledger) -> None:
    ledger.write(lambda book: Book(entry(), book.history))
    before = len(store.writes)
    assert not ledger.write(lambda book: Book(entry(), book.history)).changed
    assert len(store.writes) == before


def test_a_rehearsal_writes_nothing(store: Store, ledger: Ledger) -> None:
    assert ledger.write(lambda book: Book(entry(), book.history), dry_run=True).changed
    assert WHERE not in store.objects


def test_whoever_writes_at_the_same_time_is_not_overwritten(store: Store, ledger: Ledger) -> None:
    ledger.write(lambda book: Book(entry(), book.history))
    raced: list[int] = []

    def disturb() -> None:
        if store.asked[-1].startswith("PATCH") and not raced:
            raced.append(1)
            store.failures[WHERE] = [409]

    store.on_read = disturb
    assert ledger.update(lambda one: one.reached(JUDGING, "10 %")).changed
    store.on_read = lambda: None
    store.failures[WHERE.rpartition("/")[0]] = [409] * 30
    store.remove(CONFIG_MAP, "shops", "slipway-shop")
    with pytest.raises(ClusterError, match="written all the time"):
        ledger.write(lambda book: Book(entry(), book.history))


@pytest.mark.parametrize("text", ["[", "- a list", "a text"])
def test_a_page_that_somebody_has_spoilt_is_an_error(store: Store, ledger: Ledger, text: str) -> None:
    store.put(CONFIG_MAP, "shops", {"metadata": {"name": "slipway-shop"}, "data": {"production.open.yaml": text}})
    with pytest.raises(ClusterError, match=r"shops/slipway-shop, cannot be read"):
        ledger.read()


def test_it_does_not_grow_without_end(ledger: Ledger) -> None:
    with pytest.raises(ClusterError, match="are allowed"):
        ledger.write(lambda book: Book(Entry("canary", former={"x": "y" * 300_000}), book.history))
