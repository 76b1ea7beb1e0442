# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what a gate has seen to what Kayenta compares: one point for each step of time, of both arms."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, nan

from ..check import Events
from ..evidence import Look, add
from .judgement import Pair

STEP = 60.0


def pair(looks: Sequence[Look], step: float = STEP) -> Pair:
    """The steps (seconds) up to the latest look, the oldest first; the oldest counts if it is at least half seen.

    A look is about the time since the one before; the first is taken to be about as long as the second. Of counters a
    point is the share of bad events, of a gauge its last value within the step; NaN where there was none.
    """
    if not looks:
        return Pair()
    end, length = looks[-1].at, looks[1].at - looks[0].at if len(looks) > 1 else step
    begin = looks[0].at - length
    steps: list[list[Look]] = [[] for _step in range(max(1, floor((end - begin) / step + 0.5)))]
    for look in looks:
        back = floor((end - look.at) / step)
        if look.has_data and back < len(steps):
            steps[-1 - back].append(look)
    return Pair([_baseline(found) for found in steps], [_canary(found) for found in steps])


def _canary(looks: Sequence[Look]) -> float:
    values = [look.value for look in looks if look.value is not None]
    return values[-1] if values else _share([look.events for look in looks])


def _baseline(looks: Sequence[Look]) -> float:
    values = [look.baseline_value for look in looks if look.baseline_value is not None]
    return values[-1] if values else _share([add(look.baseline.values()) for look in looks])


def _share(events: Sequence[Events]) -> float:
    every = add(events)
    return every.rate if every.total else nan
