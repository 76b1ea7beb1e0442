# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From two samples of one metric to a class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import isnan
from random import Random

from .config import Analysis, Bounds, Direction, Measure
from .effect_size import cles, mean_ratio
from .mannwhitney import shift
from .transforms import add_noise

# Any fixed number: the same values must always get the same class.
_SEED = 1
_NOISE = 1e-5


class Label(str, Enum):
    """Kayenta's classes. NODATA_FAIL counts as a failed metric, NODATA as none."""

    PASS = "Pass"  # noqa: S105 - no password
    HIGH = "High"
    LOW = "Low"
    NODATA = "Nodata"
    NODATA_FAIL = "NodataFailMetric"
    ERROR = "Error"


@dataclass(frozen=True, slots=True)
class Criterion:
    """`confidence` of the interval, and the share of the estimated shift that it must be away from 0."""

    tolerance: float = 0.25
    confidence: float = 0.98


@dataclass(frozen=True, slots=True)
class Class:
    """`ratio` is that of the means (NaN when one is 0), `critical` whether it fails the whole canary."""

    label: Label
    reason: str = ""
    ratio: float = 1.0
    critical: bool = False


def classify(control: Sequence[float], experiment: Sequence[float], analysis: Analysis, criterion: Criterion) -> Class:
    """The class of the experiment's values, which have no NaN any more. Raises Tied."""
    if not control or not experiment:
        return _empty(analysis)
    if sorted(control) == sorted(experiment):
        return Class(Label.PASS, "the data of canary and baseline are identical")
    if len({*control, *experiment}) == 1:
        return Class(Label.PASS)
    control, experiment = _untied(control, experiment)
    found = shift(experiment, control, criterion.confidence)
    ratio = mean_ratio(control, experiment)
    size = cles(control, experiment) if analysis.measure is Measure.CLES else ratio
    needed = criterion.tolerance * abs(found.estimate)
    label = Label.PASS
    if analysis.direction is not Direction.DECREASE and found.low > needed and _high(size, analysis.allowed):
        label = Label.HIGH
    elif analysis.direction is not Direction.INCREASE and found.high < -needed and _low(size, analysis.allowed):
        label = Label.LOW
    if label is Label.PASS:
        return Class(label, ratio=ratio)
    severe = _high(size, analysis.severe) if label is Label.HIGH else _low(size, analysis.severe)
    critical = analysis.critical and severe
    said = f"the canary was classified as {label.value}" + (" (critical)" if critical else "")
    return Class(label, said, ratio, critical)


def _empty(analysis: Analysis) -> Class:
    if analysis.replace_nans:
        return Class(Label.PASS)
    if analysis.must_have_data and not analysis.critical:
        return Class(Label.NODATA_FAIL, "data is missing")
    return Class(Label.NODATA, "data is missing", critical=analysis.critical)


def _untied(control: Sequence[float], experiment: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
    """Two constants are given a little noise each, since the test cannot rank what is all the same."""
    if len(set(control)) > 1 or len(set(experiment)) > 1:
        return control, experiment
    random = Random(_SEED)  # noqa: S311 - no secret
    noisy = [add_noise(values, random, 0.0, abs(values[0]) * _NOISE) for values in (control, experiment)]
    return noisy[0], noisy[1]


def _high(size: float, bounds: Bounds) -> bool:
    """Where no size can be told, only the test counts."""
    return isnan(size) or size >= bounds.increase


def _low(size: float, bounds: Bounds) -> bool:
    return isnan(size) or size <= bounds.decrease
