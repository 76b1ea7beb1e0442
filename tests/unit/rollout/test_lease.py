# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking the lock, and giving it back."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import LEASE, ClusterError
from ansible_collections.slipway.rollout.plugins.module_utils.rollout import lease
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.holder import Holder
from ansible_collections.slipway.rollout.plugins.module_utils.rollout.names import Names

from tests.unit.store import Store
from tests.unit.traffic.fake_api import FakeClock

NAMES = Names("shops", "shop", "production")
WHERE = LEASE.path("shops", NAMES.lease)
ANN, BOB = Holder("ann@ops run 1 shop", "Release by canary for shop"), Holder("bob@ops run 2 shop")


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def holder(store: Store) -> str:
    return str(store.objects[WHERE]["spec"].get("holderIdentity") or "")


def test_the_first_creates_it(store: Store, clock: FakeClock) -> None:
    assert lease.take(store.cluster(), NAMES, ANN, clock) is None
    found = lease.read(store.cluster(), NAMES)
    assert found is not None
    assert found.holder == ANN
    assert found.seems_alive(clock.wall())


def test_taken_twice_by_the_same_run_it_stays_since_when_it_was(store: Store, clock: FakeClock) -> None:
    lease.take(store.cluster(), NAMES, ANN, clock)
    since = store.objects[WHERE]["spec"]["acquireTime"]
    clock.now += 3
    assert lease.take(store.cluster(), NAMES, ANN, clock) is None
    assert store.objects[WHERE]["spec"]["acquireTime"] == since
    assert store.objects[WHERE]["spec"]["leaseTransitions"] == 1


def test_a_second_run_is_refused_with_the_holders_name(store: Store, clock: FakeClock) -> None:
    lease.take(store.cluster(), NAMES, ANN, clock)
    clock.now += 4
    with pytest.raises(lease.Held, match=r"ann@ops \(Release by canary for shop\), since .* last heard of 4 s ago"):
        lease.take(store.cluster(), NAMES, BOB, clock)
    assert holder(store) == ANN.identity


def test_a_lapsed_one_is_taken_over_after_it_was_watched(store: Store, clock: FakeClock) -> None:
    lease.take(store.cluster(), NAMES, ANN, clock)
    clock.now += 100
    begun = clock.now
    assert lease.take(store.cluster(), NAMES, BOB, clock) == ANN
    assert clock.now - begun > lease.RENEWAL
    assert (holder(store), store.objects[WHERE]["spec"]["leaseTransitions"]) == (BOB.identity, 2)


def test_one_that_seemed_silent_and_is_heard_of_keeps_it(store: Store, clock: FakeClock) -> None:
    """Its clock is an hour behind ours."""
    lease.take(store.cluster(), NAMES, ANN, clock)
    clock.now += 3600

    def renew() -> None:
        store.objects[WHERE]["spec"]["renewTime"] = lease.stamp(clock.wall() - 3600)

    store.on_read = renew
    with pytest.raises(lease.Held, match="ann@ops"):
        lease.take(store.cluster(), NAMES, BOB, clock)


def test_one_that_gives_it_back_meanwhile_is_followed(store: Store, clock: FakeClock) -> None:
    lease.take(store.cluster(), NAMES, ANN, clock)
    clock.now += 3600

    def leave() -> None:
        if clock.now > 3602:
            store.objects[WHERE]["spec"]["holderIdentity"] = ""

    store.on_read = leave
    lease.take(store.cluster(), NAMES, BOB, clock)
    assert holder(store) == BOB.identity


def test_a_dead_one_is_not_waited_for(store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    lease.take(store.cluster(), NAMES, ANN, clock)
    monkeypatch.setattr(lease, "is_gone", lambda mark: True)
    begun = clock.now
    assert lease.take(store.cluster(), NAMES, BOB, clock) == ANN
    assert clock.now == begun


def test_given_back_it_is_anybodys(store: Store, clock: FakeClock) -> None:
    lease.take(store.cluster(), NAMES, ANN, clock)
    lease.give_back(store.cluster(), NAMES, BOB.identity)
    assert holder(store) == ANN.identity
    lease.give_back(store.cluster(), NAMES, ANN.identity)
    lease.give_back(store.cluster(), NAMES, ANN.identity)
    assert lease.read(store.cluster(), NAMES) is None
    assert lease.take(store.cluster(), NAMES, BOB, clock) is None


def test_nobody_has_what_is_not_there(store: Store) -> None:
    lease.give_back(store.cluster(), NAMES, ANN.identity)
    assert lease.read(store.cluster(), NAMES) is None


def test_whoever_comes_second_in_a_race_looks_again(store: Store, clock: FakeClock) -> None:
    lease.take(store.cluster(), NAMES, ANN, clock)
    lease.give_back(store.cluster(), NAMES, ANN.identity)
    version = store.objects[WHERE]["metadata"]["resourceVersion"]
    raced: list[str] = []

    def race() -> None:
        if not raced and store.asked[-1].startswith("PATCH"):
            raced.append("once")
            store.objects[WHERE]["metadata"]["resourceVersion"] = f"{version}0"
            store.objects[WHERE]["spec"] |= {"holderIdentity": ANN.identity, "renewTime": lease.stamp(clock.wall())}

    store.on_read = race
    with pytest.raises(lease.Held, match="ann@ops"):
        lease.take(store.cluster(), NAMES, BOB, clock)


def test_one_that_is_written_all_the_time_is_an_error(store: Store, clock: FakeClock) -> None:
    store.failures[WHERE.rpartition("/")[0]] = [409] * 50
    with pytest.raises(ClusterError, match="written all the time"):
        lease.take(store.cluster(), NAMES, ANN, clock)


def test_times_that_nobody_understands_are_long_ago() -> None:
    meta = {"name": "x", "resourceVersion": "1"}
    found = lease.Lease.of({"metadata": meta, "spec": {"holderIdentity": "x", "renewTime": "yesterday"}})
    assert found.renewed == 0
    assert not found.seems_alive(1_800_000_000)
