# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches wake whoever waits; broken ones do not stop the waiting."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

from ansible_collections.slipway.rollout.plugins.module_utils.clock import SystemClock
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Cluster, Unreachable
from ansible_collections.slipway.rollout.plugins.module_utils.workload.changes import Watches

from tests.unit.workload import builders as build

LONG = 5.0


class Streams:
    """A Transport whose watches block until they are told to go on."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.opened: list[str] = []
        self.both = threading.Semaphore(0)
        self.broken = False

    def request(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], timeout: float
    ) -> tuple[int, bytes]:
        raise AssertionError("watches only watch")

    def stream(self, path: str, timeout: float) -> Iterator[bytes]:
        self.opened.append(path)
        self.both.release()
        if self.broken:
            raise Unreachable("connection refused")
        self.go.wait(LONG)
        yield b'{"type":"MODIFIED","object":{"metadata":{"name":"a"}}}'
        self.go.wait(LONG)


def started(streams: Streams) -> Watches:
    watches = Watches(Cluster(streams), build.deployment(), SystemClock())
    for dummy in range(2):
        assert streams.both.acquire(timeout=LONG)
    return watches


def test_a_change_wakes() -> None:
    streams = Streams()
    watches = started(streams)
    assert any("/deployments?fieldSelector=metadata.name%3Dshop-canary" in path for path in streams.opened)
    assert any("/pods?labelSelector=app%3Dshop%2Cslot%3Dcanary" in path for path in streams.opened)
    watches.stop()
    streams.go.set()
    begun = SystemClock().monotonic()
    watches.wait(LONG)
    assert SystemClock().monotonic() - begun < LONG


def test_without_a_change_the_time_passes() -> None:
    streams = Streams()
    watches = started(streams)
    watches.wait(0.01)
    watches.stop()
    streams.go.set()


def test_a_watch_that_breaks_is_no_error() -> None:
    streams = Streams()
    streams.broken = True
    watches = started(streams)
    watches.wait(0.01)
    watches.stop()
