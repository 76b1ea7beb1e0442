# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Causes as data and as parts of sentences."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.workload.cause import Cause, shorten


def test_the_same_trouble_in_another_pod_is_the_same_trouble() -> None:
    assert Cause("crash", "one", pod="a", container="app").key == Cause("crash", "two", pod="b", container="app").key


def test_what_is_not_known_is_left_out() -> None:
    assert Cause("paused", "Paused.").as_dict() == {"kind": "paused", "message": "Paused."}
    full = Cause("crash", "Crash.", pod="a", container="app", facts={"exit_code": 3})
    assert full.as_dict() == {"kind": "crash", "message": "Crash.", "pod": "a", "container": "app", "exit_code": 3}


def test_messages_become_one_line_without_a_full_stop() -> None:
    assert shorten("  one\n two. ") == "one two"
    assert shorten("x" * 400, 10) == "x" * 9 + "…"
