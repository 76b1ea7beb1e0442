# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No write without the lock."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import (
    CONFIG_MAP,
    LEASE,
    Cluster,
    ClusterError,
    Unreachable,
)
from ansible_collections.slipway.rollout.plugins.module_utils.rollout import lease
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.fence import Fence, Lock, LockLost
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.holder import Holder
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.names import Names

from tests.unit.store import Store
from tests.unit.traffic.fake_api import FakeClock

NAMES = Names("shops", "shop")
WHERE = LEASE.path("shops", NAMES.lease)
ANN, BOB = Holder("ann@ops run 1 shop"), Holder("bob@ops run 2 shop")


class Run:
    """Ann's run, which holds the lock, and her way to the cluster."""

    def __init__(self) -> None:
        self.store, self.clock = Store(), FakeClock()
        lease.take(self.store.cluster(), NAMES, ANN, self.clock)
        self.fence = Fence(self.store.cluster(), Lock(NAMES, ANN.identity), self.clock)
        self.cluster = Cluster(self.store, fence=self.fence)

    def write(self, *, dry_run: bool = False) -> None:
        name = f"a{len(self.store.writes)}"
        self.cluster.create(CONFIG_MAP, "shops", {"metadata": {"name": name}}, dry_run=dry_run)


def test_a_lock_goes_from_task_to_task() -> None:
    lock = Lock(NAMES, ANN.identity)
    assert Lock.parse(lock.as_dict()) == lock


def test_each_write_is_preceded_by_a_renewal_that_is_recent_enough() -> None:
    run = Run()
    run.write()
    first = run.store.objects[WHERE]["spec"]["renewTime"]
    run.clock.now += 1
    run.write()
    assert run.store.objects[WHERE]["spec"]["renewTime"] == first
    run.clock.now += lease.RENEWAL
    run.write()
    assert run.store.objects[WHERE]["spec"]["renewTime"] > first


def test_a_run_that_has_lost_the_lock_does_not_write() -> None:
    run = Run()
    run.write()
    run.clock.now += 100
    lease.take(run.store.cluster(), NAMES, BOB, run.clock)
    before = len(run.store.writes)
    for _twice in range(2):
        with pytest.raises(LockLost, match=r"lost the lock.*belongs to bob@ops"):
            run.write()
    assert len(run.store.writes) == before
    run.write(dry_run=True)  # nothing is written by that


def test_a_lock_that_was_deleted_is_lost() -> None:
    run = Run()
    run.store.remove(LEASE, "shops", NAMES.lease)
    with pytest.raises(LockLost, match="is gone"):
        run.write()


def test_silence_of_the_server_is_borne_for_half_of_the_time() -> None:
    run = Run()
    run.write()
    run.clock.now += lease.RENEWAL
    run.store.failures[WHERE] = [Unreachable("no route"), Unreachable("no route")]
    run.write()
    run.clock.now += lease.DURATION
    with pytest.raises(ClusterError, match="no route"):
        run.write()


def test_somebody_who_writes_the_lease_at_the_same_time_is_no_loss() -> None:
    run = Run()
    run.store.failures[WHERE] = [409]
    run.write()
    run.clock.now += lease.RENEWAL
    run.store.failures[WHERE] = [409] * 10
    with pytest.raises(ClusterError, match="written all the time"):
        run.write()


def test_it_is_kept_beside_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread renews until the lock is lost."""
    run = Run()
    kept: list[str] = []

    class Thread:
        def __init__(self, target: object, **_options: object) -> None:
            self.target = target

        def start(self) -> None:
            self.target()  # type: ignore[operator]

    def sleep(seconds: float) -> None:
        run.clock.now += seconds
        kept.append(run.store.objects.get(WHERE, {"spec": {"renewTime": ""}})["spec"]["renewTime"])
        if len(kept) == 6:
            run.store.remove(LEASE, "shops", NAMES.lease)

    monkeypatch.setattr("threading.Thread", Thread)
    monkeypatch.setattr(run.clock, "sleep", sleep)
    run.fence.keep()
    assert len(set(kept)) > 2
