# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.clock import SystemClock


def test_the_machines_clock_goes_on_and_does_not_wait_for_a_moment_past() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    clock.sleep(-60)
    clock.sleep(0.001)
    assert clock.monotonic() > before
    assert clock.wall() > 1_700_000_000
