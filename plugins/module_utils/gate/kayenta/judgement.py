# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A whole canary judged as Kayenta's default judge does it: values in, classes and a score out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from .classifier import Class, Criterion, Label, classify
from .config import Analysis, CanaryConfig, Metric, Thresholds
from .descriptive import Summary, summary
from .detectors import interquartile, k_sigma
from .mannwhitney import Tied
from .scorer import Score, Scored, score
from .transforms import remove_nans, remove_outliers, replace_nans


class Grade(str, Enum):
    """What a score means."""

    PASS = "Pass"  # noqa: S105 - no password
    MARGINAL = "Marginal"
    FAIL = "Fail"


@dataclass(frozen=True, slots=True)
class Pair:
    """The values of one metric at equally spaced moments, NaN where there was none."""

    control: Sequence[float] = ()
    experiment: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """One metric's class, and what its values were like once they were made comparable."""

    metric: Metric
    found: Class
    control: Summary
    experiment: Summary


@dataclass(frozen=True, slots=True)
class Judgement:
    """The score, what it means, and every metric's class; muted metrics are classified but not scored."""

    score: Score
    grade: Grade
    metrics: tuple[Judged, ...]


def judge(
    config: CanaryConfig,
    values: Mapping[str, Pair],
    thresholds: Thresholds | None = None,
    criterion: Criterion | None = None,
) -> Judgement:
    """`values` by the metric's name; a metric without values has no data."""
    judged = tuple(judge_metric(one, values.get(one.name, Pair()), criterion) for one in config.metrics)
    counted = [Scored(one.metric.name, one.found, one.metric.groups) for one in judged if not one.metric.analysis.muted]
    found = score(counted, config.weights)
    return Judgement(found, grade(found.value, thresholds or config.thresholds), judged)


def judge_metric(metric: Metric, pair: Pair, criterion: Criterion | None = None) -> Judged:
    control, experiment = (comparable(values, metric.analysis) for values in (pair.control, pair.experiment))
    try:
        found = classify(control, experiment, metric.analysis, criterion or Criterion())
    except Tied as error:
        found = Class(Label.ERROR, f"the test cannot be computed: {error}")
    return Judged(metric, found, summary(control), summary(experiment))


def comparable(values: Sequence[float], analysis: Analysis) -> list[float]:
    """Without NaN and, where that is wanted, without outliers."""
    known = replace_nans(values) if analysis.replace_nans else remove_nans(values)
    if analysis.outlier_factor is None:
        return known
    if analysis.outlier_detector == "ksigma":
        return remove_outliers(known, k_sigma(known, analysis.outlier_factor))
    return remove_outliers(known, interquartile(known, analysis.outlier_factor, lenient=True))


def grade(value: float, thresholds: Thresholds) -> Grade:
    if value >= thresholds.passing:
        return Grade.PASS
    return Grade.MARGINAL if value >= thresholds.marginal else Grade.FAIL
