# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.gate.blocks import Block, Blocks
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Look


def look(at: float, canary: float = 0, stable: float = 0, **read_at: float) -> Look:
    return Look(at, {"canary-1": Events(0, canary)}, baseline={"stable-1": Events(0, stable)}, read_at=read_at)


def test_without_moments_each_look_is_a_block() -> None:
    block = Blocks().add(look(1.0, 5, 50))
    assert block == Block(1.0, {"canary-1": Events(0, 5)}, {"stable-1": Events(0, 50)})
    assert block.arms == (Events(0, 5), Events(0, 50))


def test_waits_until_each_pod_was_read_again() -> None:
    blocks = Blocks()
    assert blocks.add(look(1.0, 1, 1, a=0.5, b=0.7)) is not None
    assert blocks.add(look(2.0, 10, 0, a=1.5, b=0.7)) is None
    assert blocks.add(look(3.0, 0, 0, a=1.5, b=0.7)) is None
    block = blocks.add(look(4.0, 0, 100, a=1.5, b=3.7))
    assert block is not None
    assert block.arms == (Events(0, 10), Events(0, 100))


def test_a_pod_that_has_gone_is_not_waited_for_and_a_new_one_is_counted() -> None:
    blocks = Blocks()
    blocks.add(look(1.0, a=0.5, b=0.7))
    assert blocks.add(look(2.0, 1, 1, b=1.7, c=1.9)) is not None


def test_nothing_ends_with_a_look_without_data() -> None:
    blocks = Blocks()
    blocks.add(look(1.0, 3, 4, a=0.5))
    assert blocks.add(Look(2.0, gap="no series matches")) is None
    assert blocks.add(Look(3.0, error="no answer")) is None
    block = blocks.add(look(4.0, 3, 4, a=3.5))
    assert block is not None
    assert block.arms.canary == Events(0, 3)
