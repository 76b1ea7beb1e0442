# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges by name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.kinds import JUDGES, open_judges
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.panel import Panel
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.sequential import Sequential
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.slo import Slo
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.threshold import Threshold
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.config import Analysis
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.assessment import Errors
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError

from tests.unit.gate.builders import errors


def test_judges_are_listed_alphabetically() -> None:
    assert list(JUDGES) == sorted(JUDGES)


def test_each_check_has_its_judge_and_those_that_may_err_share_alpha() -> None:
    checks = [errors(name=name, judge=name) for name in ("threshold", "sequential", "slo")]
    panel = open_judges(checks, Errors(0.01, 0.05))
    assert isinstance(panel, Panel)
    assert panel.judges["threshold"] == Threshold()
    for name, kind in (("sequential", Sequential), ("slo", Slo)):
        judge = panel.judges[name]
        assert isinstance(judge, kind)
        assert judge.errors == Errors(0.005, 0.05)


def test_what_promises_no_error_rate_and_what_does_not_decide_takes_no_share_of_it() -> None:
    checks = [errors(name=name, judge=name, analysis=Analysis()) for name in ("threshold", "kayenta", "sequential")]
    panel = open_judges([*checks, errors(name="dry", judge="slo", dry_run=True)], Errors(0.01, 0.05))
    assert isinstance(panel, Panel)
    judge = panel.judges["sequential"]
    assert isinstance(judge, Sequential)
    assert judge.errors == Errors(0.01, 0.05)


def test_an_unknown_judge_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(OptionError, match=r"judge is 'treshold'. Did you mean 'threshold'\?"):
        open_judges([replace(errors(), judge="treshold")], Errors())
