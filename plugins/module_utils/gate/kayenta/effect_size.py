# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How large a difference is, apart from whether there is one."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

from .descriptive import mean
from .mannwhitney import wins


def mean_ratio(control: Sequence[float], experiment: Sequence[float]) -> float:
    """The experiment's mean over the control's; NaN when either is 0."""
    below, above = mean(control), mean(experiment)
    return above / below if below and above else nan


def cles(control: Sequence[float], experiment: Sequence[float]) -> float:
    """Common language effect size: the share of pairs in which the experiment is above the control (0.5: alike).

    A. Vargha and H. D. Delaney, Journal of Educational and Behavioral Statistics 25 (2000), ties being half.
    """
    return wins(experiment, sorted(control)) / (len(experiment) * len(control))
