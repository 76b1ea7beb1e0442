# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence is carried on under the same rules only."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.slipway.rollout.plugins.module_utils.gate.carried import CHANGED, Carried, carried
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Margins
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.assessment import Errors

from tests.unit.gate.builders import errors

CHECKS = [errors(judge="sequential")]
CONFIG = carried(None, None, CHECKS, Errors()).config


def test_the_same_rules_go_by_the_same_name() -> None:
    assert carried(5.0, CONFIG, [errors(judge="sequential")], Errors()) == Carried(5.0, CONFIG)
    assert carried(5.0, None, CHECKS, Errors()).since == 5.0


def test_other_rules_begin_anew_and_it_is_told() -> None:
    wider = [replace(CHECKS[0], margins=Margins(2.0, 3.0))]
    for checks, rates in ((wider, Errors()), (CHECKS, Errors(0.05)), ([*CHECKS, errors(name="more")], Errors())):
        found = carried(5.0, CONFIG, checks, rates)
        assert (found.since, found.note) == (None, CHANGED)
        assert found.config != CONFIG
    assert carried(None, CONFIG, wider, Errors()).note == ""  # nothing was to be carried on
