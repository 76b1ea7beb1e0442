# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All answers within one time-out, each for itself."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import SourceError
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.together import together
from ansible_collections.slipway.rollout.plugins.module_utils.gate.workers import Workers


def test_a_slow_answer_and_a_failed_one_leave_the_others_alone() -> None:
    released = threading.Event()

    def failing() -> int:
        raise SourceError("refused", "no")

    slow, failed, good = together(
        Workers(3), [("`a`", lambda: released.wait(5)), ("`b`", failing), ("`c`", lambda: 3)], 0.2, "The service"
    )
    released.set()
    assert isinstance(slow, SourceError)
    assert (slow.kind, str(slow)) == ("timeout", "The service gave no answer in 0.2 s for `a`.")
    assert isinstance(failed, SourceError)
    assert failed.kind == "refused"
    assert good == 3


def test_a_fault_of_ours_is_not_taken_for_one_of_the_service() -> None:
    def broken() -> int:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        together(Workers(1), [("`a`", broken)], 1.0, "The service")
