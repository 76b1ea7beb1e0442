# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and what they mean."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.options import (
    ROLL_SPEC,
    parse_expectation,
    parse_pace,
)
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.pace import Pace

DEFAULTS = {name: spec.get("default") for name, spec in ROLL_SPEC.items()} | {"name": "shop", "namespace": "production"}


def test_a_quarter_of_the_pods_unless_told_otherwise() -> None:
    assert parse_pace(DEFAULTS) == Pace("25%", "25%", None)
    assert parse_pace({**DEFAULTS, "max_surge": " 2 ", "min_ready_seconds": 5}) == Pace("25%", 2, 5)


@pytest.mark.parametrize("value", ["-1", "120%", "1.5", "", "%"])
def test_what_is_no_number_of_pods(value: str) -> None:
    with pytest.raises(OptionError, match="it is a number of pods, or a percentage"):
        parse_pace({**DEFAULTS, "max_unavailable": value})


def test_what_is_waited_for() -> None:
    expected = parse_expectation(DEFAULTS)
    assert (expected.kind, expected.timeout, expected.stuck_after) == ("Deployment", 900.0, 10.0)
    for wrong in (0.0, float("inf"), float("nan")):
        with pytest.raises(OptionError, match="timeout is"):
            parse_expectation({**DEFAULTS, "timeout": wrong})
