# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges by name."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.kinds import JUDGES, open_judge
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.threshold import Threshold
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError


def test_judges_are_listed_alphabetically_and_found_by_name() -> None:
    assert list(JUDGES) == sorted(JUDGES)
    assert open_judge("threshold") == Threshold()


def test_an_unknown_judge_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(OptionError, match=r"judge is 'treshold'. Did you mean 'threshold'\?"):
        open_judge("treshold")
