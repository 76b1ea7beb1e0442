# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A canary-config of Kayenta, as its API and Spinnaker keep it, as far as it says how to judge.

https://github.com/spinnaker/kayenta/blob/master/docs/canary-config.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ..suggest import OptionError
from .fields import Fields

JUDGE = "NetflixACAJudge-v1.0"
# What Spinnaker's documentation recommends, where neither the config nor the gate says otherwise.
PASS_SCORE, MARGINAL_SCORE = 95.0, 75.0


class Direction(str, Enum):
    """Which differences from the control are bad."""

    INCREASE = "increase"
    DECREASE = "decrease"
    EITHER = "either"


class Measure(str, Enum):
    """How the size of a difference is measured."""

    MEAN_RATIO = "meanRatio"
    CLES = "cles"


@dataclass(frozen=True, slots=True)
class Bounds:
    """A difference counts when its size is at most `decrease` or at least `increase`."""

    decrease: float = 1.0
    increase: float = 1.0


@dataclass(frozen=True, slots=True)
class Analysis:
    """How one metric is judged. `outlier_factor` is None where outliers are kept."""

    direction: Direction = Direction.EITHER
    replace_nans: bool = False
    outlier_factor: float | None = None
    outlier_detector: str = "iqr"
    critical: bool = False
    must_have_data: bool = False
    muted: bool = False
    measure: Measure = Measure.MEAN_RATIO
    allowed: Bounds = Bounds()
    severe: Bounds = Bounds()


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's name, its groups, how it is judged; `query` is left as it is."""

    name: str
    groups: tuple[str, ...] = ()
    analysis: Analysis = Analysis()
    query: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores from 0 to 100: at least `passing` passes, below `marginal` fails."""

    passing: float = PASS_SCORE
    marginal: float = MARGINAL_SCORE


@dataclass(frozen=True, slots=True)
class CanaryConfig:
    """`weights` are percentages by group; groups without one share what is left of 100."""

    metrics: tuple[Metric, ...]
    weights: Mapping[str, float] = field(default_factory=dict)
    thresholds: Thresholds = Thresholds()


def parse_config(value: object, path: str = "canary_config") -> CanaryConfig:
    """From the decoded JSON. Raises OptionError."""
    whole = Fields(value, path)
    judge = whole.at("judge").text("name", JUDGE)
    if judge != JUDGE:
        raise OptionError(f"{path}.judge.name is '{judge}'; only {JUDGE} is understood.")
    metrics = tuple(_metric(item) for item in whole.each("metrics"))
    if not metrics:
        raise OptionError(f"{path}.metrics is empty; there is nothing to judge.")
    twice = _twice([metric.name for metric in metrics])
    if twice:
        raise OptionError(f"{path}.metrics has '{twice}' twice. Give each metric its own name.")
    classifier = whole.at("classifier")
    weights = classifier.at("groupWeights")
    scores = classifier.at("scoreThresholds")
    return CanaryConfig(
        metrics,
        {group: weights.number(group, 0.0) for group in weights},
        Thresholds(scores.number("pass", PASS_SCORE), scores.number("marginal", MARGINAL_SCORE)),
    )


def _metric(item: Fields) -> Metric:
    name = item.text("name", "")
    if not name:
        raise OptionError(f"{item.path}.name is missing; results are told by it.")
    canary = item.at("analysisConfigurations").at("canary")
    return Metric(name, tuple(item.texts("groups")), parse_analysis(canary), item.at("query").mapping)


def parse_analysis(canary: Fields, usual: Direction = Direction.EITHER) -> Analysis:
    """From `analysisConfigurations.canary`; `usual` is the direction where it says none. Raises OptionError."""
    outliers, effect = canary.at("outliers"), canary.at("effectSize")
    measure = Measure(effect.choice("measure", Measure.MEAN_RATIO.value, [kind.value for kind in Measure]))
    neutral = 0.5 if measure is Measure.CLES else 1.0
    removed = outliers.choice("strategy", "keep", ("keep", "remove", "none")) == "remove"
    factor = outliers.number("outlierFactor", 3.0)
    if removed and factor <= 0:
        raise OptionError(f"{outliers.path}.outlierFactor is {factor:g}; it must be above 0.")
    return Analysis(
        direction=Direction(canary.choice("direction", usual.value, [kind.value for kind in Direction])),
        replace_nans=canary.choice("nanStrategy", "remove", ("remove", "replace", "none")) == "replace",
        outlier_factor=factor if removed else None,
        outlier_detector=outliers.choice("detector", "iqr", ("iqr", "ksigma")),
        critical=canary.flag("critical"),
        must_have_data=canary.flag("mustHaveData"),
        muted=canary.flag("muted"),
        measure=measure,
        allowed=Bounds(effect.number("allowedDecrease", neutral), effect.number("allowedIncrease", neutral)),
        severe=Bounds(effect.number("criticalDecrease", neutral), effect.number("criticalIncrease", neutral)),
    )


def _twice(names: Sequence[str]) -> str:
    return next((name for number, name in enumerate(names) if name in names[:number]), "")
