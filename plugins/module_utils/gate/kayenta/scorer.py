# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the classes of all metrics to one score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .classifier import Class, Label

_FAILED = (Label.HIGH, Label.LOW, Label.NODATA_FAIL)
_MOST_WITHOUT_DATA = 0.5


@dataclass(frozen=True, slots=True)
class Scored:
    """What became of one metric, and the groups in which it counts."""

    name: str
    found: Class
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """From 0 to 100, rounded to 0.01; `reason` says why it is 0 at once. A group without data has None."""

    value: float
    groups: Mapping[str, float | None]
    reason: str = ""


def score(metrics: Sequence[Scored], weights: Mapping[str, float]) -> Score:
    """Of metrics that are not muted, with weights in percent by group.

    A group's score is the share of its metrics that pass. A critical metric that does not pass, or half the metrics
    without data, make the whole 0.
    """
    groups = _groups(metrics)
    critical = next((one for one in metrics if one.found.critical and one.found.label is not Label.PASS), None)
    if critical is not None:
        return Score(0.0, groups, f"{critical.name}, which is critical: {critical.found.reason}")
    without = sum(one.found.label is Label.NODATA for one in metrics)
    if metrics and without / len(metrics) >= _MOST_WITHOUT_DATA:
        return Score(0.0, groups, f"{without} of {len(metrics)} metrics have no data, half or more")
    return Score(_weighted(groups, weights), groups)


def _groups(metrics: Sequence[Scored]) -> dict[str, float | None]:
    labels: dict[str, list[Label]] = {}
    for one in metrics:
        for group in one.groups:
            labels.setdefault(group, []).append(one.found.label)
    return {group: _passing(found) for group, found in labels.items()}


def _passing(labels: Sequence[Label]) -> float | None:
    passed = labels.count(Label.PASS)
    judged = passed + sum(labels.count(label) for label in _FAILED)
    return 100 * passed / judged if judged else None


def _weighted(groups: Mapping[str, float | None], weights: Mapping[str, float]) -> float:
    """A group without data counts as passed; groups without a weight share what the others leave of 100."""
    unweighted = [group for group in groups if group not in weights]
    rest = (100 - sum(weights.values())) / len(unweighted) if unweighted else 0.0
    total = sum(
        (100.0 if found is None else found) * (weights.get(group, rest) / 100) for group, found in groups.items()
    )
    return float(Decimal(repr(total)).quantize(Decimal("0.01"), ROUND_HALF_UP))
