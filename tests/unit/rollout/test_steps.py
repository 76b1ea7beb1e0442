# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout's life in the ledger."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import LEASE, ClusterError
from ansible_collections.slipway.rollout.plugins.module_utils.rollout import lease
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.decision import Open, Wanted
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.holder import Holder
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.ledger import Ledger
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.names import Names, Refused
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.steps import Steps
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.table import table

from tests.unit.store import Store
from tests.unit.traffic.fake_api import FakeClock

NAMES = Names("shops", "shop")
ANN, BOB = Holder("ann@ops run 1 shop"), Holder("bob@ops run 2 shop")
WANTED = Wanted("canary", "reg/shop:2")
OPTIONS = {"strategy": "canary", "release": {"asked": "reg/shop:2"}, "former": {"replicas": 3}, "notes": ["freeze"]}


class Cluster:
    def __init__(self) -> None:
        self.store, self.clock = Store(), FakeClock()

    def by(self, who: Holder, *, check_mode: bool = False) -> Steps:
        return Steps(self.store.cluster(), NAMES, who, self.clock, check_mode)

    @property
    def holder(self) -> str:
        lock = lease.read(self.store.cluster(), NAMES)
        return lock.holder.identity if lock is not None else ""


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def test_from_the_lock_to_the_end(cluster: Cluster) -> None:
    ann = cluster.by(ANN)
    locked = ann.locked(WANTED)
    assert locked.lock is not None
    assert locked.lock.holder == ANN.identity
    assert locked.decision is not None
    assert locked.decision.action == "start"
    assert ann.opened(OPTIONS).book.open is not None
    reached = ann.reached("judging", "10 %", {"stage": "10 %", "verdict": "pass"}).book.open
    assert reached is not None
    assert (reached.stage, reached.notes) == ("10 %", ("freeze",))
    ended = ann.ended("released", "it passed", {"release": {"asked": "reg/shop:2", "image": "x"}, "replaced": None})
    assert ended.book.open is None
    assert ended.book.history[0].release["image"] == "x"
    assert ended.book.history[0].ended == "2027-01-15 08:16:40 UTC"
    assert cluster.holder == ""
    again = ann.ended("released", "it passed", {})
    assert again.written is not None
    assert not again.written.changed


def test_opened_twice_it_is_open_once_since_the_first_time(cluster: Cluster) -> None:
    ann = cluster.by(ANN)
    first = ann.opened(OPTIONS).book.open
    cluster.clock.now += 5
    assert ann.opened(OPTIONS).book.open == first


def test_a_second_run_is_refused_and_the_first_does_not_notice(cluster: Cluster) -> None:
    cluster.by(ANN).locked(WANTED)
    with pytest.raises(lease.Held, match="ann@ops"):
        cluster.by(BOB).locked(WANTED)
    with pytest.raises(lease.Held, match="ann@ops"):
        cluster.by(BOB, check_mode=True).locked(WANTED)
    assert cluster.holder == ANN.identity


def test_whoever_takes_over_is_told_from_whom(cluster: Cluster) -> None:
    cluster.by(ANN).locked(WANTED)
    cluster.by(ANN).opened(OPTIONS)
    cluster.clock.now += 100
    locked = cluster.by(BOB).locked(WANTED)
    assert "ann@ops did not give the lock back" in locked.notes[0]
    assert locked.decision is not None
    assert locked.decision.action == "resume"
    assert locked.book.open is not None
    assert locked.book.open.holder == ANN.identity  # as it was found
    with pytest.raises(Open, match="End it first"):
        cluster.by(ANN).opened(OPTIONS)
    again = cluster.by(BOB).opened(OPTIONS).book.open
    assert again is not None
    assert again.since == locked.book.open.since
    assert again.notes[-1].startswith("canary by bob@ops at ")


def test_another_command_is_refused_and_leaves_no_lock(cluster: Cluster) -> None:
    cluster.by(ANN).opened(OPTIONS)
    with pytest.raises(Open):
        cluster.by(BOB).locked(Wanted("blue_green"))
    assert cluster.holder == ""


def test_a_rehearsal_changes_nothing(cluster: Cluster) -> None:
    rehearsed = cluster.by(ANN, check_mode=True)
    locked = rehearsed.locked(WANTED)
    assert (locked.lock, locked.decision is not None) == (None, True)
    opened = rehearsed.opened(OPTIONS)
    assert opened.written is not None
    assert opened.written.changed
    rehearsed.reached("judging", "10 %", None)
    rehearsed.ended("released", "", {})
    assert cluster.store.objects == {}


def test_reading_tells_who_has_the_lock(cluster: Cluster) -> None:
    assert cluster.by(ANN).read().held is None
    cluster.by(ANN).locked(WANTED)
    held = cluster.by(BOB).read().held
    assert held is not None
    assert held.holder == ANN


def test_a_server_that_fails_leaves_no_lock_behind(cluster: Cluster) -> None:
    cluster.store.failures["/api/v1/namespaces/shops/configmaps/slipway-shop"] = [500]
    with pytest.raises(ClusterError):
        cluster.by(ANN).locked(WANTED)
    assert cluster.holder == ""
    assert LEASE.path("shops", NAMES.lease) in cluster.store.objects


def test_a_paused_gate_is_answered_by_anybody(cluster: Cluster) -> None:
    ann, bob = cluster.by(ANN), cluster.by(BOB)
    with pytest.raises(Refused, match="No gate of shop waits for an answer"):
        bob.answered("pass", "")
    ann.locked(WANTED)
    ann.opened(OPTIONS)
    with pytest.raises(Refused):
        bob.answered("pass", "")
    Ledger(cluster.store.cluster(), NAMES).update(lambda entry: entry.asking("too little traffic"))
    assert any("PAUSED" in line for line in table(bob.read().book))
    assert cluster.by(BOB, check_mode=True).answered("fail", "").written is None
    entry = bob.answered("fail", "I do not like it").book.open
    assert entry is not None
    assert entry.answer == {"passes": False, "by": "bob@ops", "why": "I do not like it"}
