# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may have been meant."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import is_typo, listed, nearest


def test_the_nearest_name_or_all_of_them() -> None:
    assert nearest("duratoin", ["duration", "count"]) == " Did you mean 'duration'?"
    assert nearest("zzz", ["b", "a"]) == " There is a, b."
    assert nearest("zzz", []) == ""


def test_a_typo_is_nearer_than_a_suggestion() -> None:
    assert is_typo("stauts", ["status", "path"])
    assert not is_typo("reason", ["version", "path"])
    assert not is_typo("reason", [])


def test_of_many_only_some() -> None:
    assert listed(str(number) for number in range(10)) == "0, 1, 2, 3, 4, 5, 6, 7 and 2 more"
