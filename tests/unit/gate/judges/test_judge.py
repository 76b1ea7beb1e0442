# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a verdict."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Opinion, Verdict


def test_verdicts_are_the_words_of_the_result() -> None:
    assert [verdict.value for verdict in Verdict] == ["pass", "fail", "inconclusive", "undecided"]
    assert Opinion(Verdict.PASS, "well").events is None
