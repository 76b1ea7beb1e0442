# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A typo in the selector of bad events would count no failure, ever, and let everything pass."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.loop import Timing
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError

from tests.unit.gate.builders import reading, series
from tests.unit.gate.runs import ERRORS, nothing, world


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ('m{statsu="500"}', "No series of m has a label 'statsu'. Did you mean 'status'"),
        ("m_errors_totl", "There is no metric m_errors_totl. Did you mean 'm_errors_total'"),
    ],
)
def test_it_is_refused_before_anything_is_changed(bad: str, said: str) -> None:
    one = world(reading(0, series("m", (0.0, 5.0))))
    one.source.label_sets = lambda name: [{"status": "200"}] if name == "m" else []  # type: ignore[method-assign]
    one.source.names = lambda: ["m", "m_errors_total"]  # type: ignore[method-assign]
    typo = replace(ERRORS, measure=Counters((Selector.parse(bad),), (Selector("m"),)))
    moved: list[str] = []
    with pytest.raises(OptionError, match=said):
        one.loop(typo).run(lambda: moved.append("moved"))
    assert moved == []


def test_names_that_are_only_guessed_at_are_not_looked_into() -> None:
    one = world(reading(0, series("m", (0.0, 5.0))))
    one.source.names = lambda: ["x_bad"]  # type: ignore[method-assign]
    guesses = Counters((Selector("x_bda"), Selector("m_bad")), (Selector("x"), Selector("m")))
    one.loop(replace(ERRORS, measure=guesses), timing=Timing(1.0, None, 1)).run(nothing)


def test_bad_events_that_never_matched_are_noted() -> None:
    one = world(*(reading(at, series("m", (at, 20.0 * at))) for at in range(4)))
    loop = one.loop(timing=Timing(1.0, None, 3))
    assert loop.run(nothing).verdict is Verdict.PASS
    assert [str(selector) for selector in loop.watched[0].unmatched] == ['m{status="500"}']
