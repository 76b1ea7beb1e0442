# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A canary-config is read as it is, and what would be judged otherwise than written is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.config import (
    Analysis,
    Bounds,
    CanaryConfig,
    Direction,
    Measure,
    Metric,
    Thresholds,
    parse_config,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError

# In the form that Spinnaker exports.
DOCUMENT: dict[str, Any] = {
    "applications": ["shop"],
    "name": "shop",
    "description": "",
    "configVersion": "1",
    "createdTimestamp": 1539795900000,
    "judge": {"name": "NetflixACAJudge-v1.0", "judgeConfigurations": {}},
    "templates": {"errors": 'pod=~"${scope}.*"'},
    "metrics": [
        {
            "name": "error rate",
            "query": {"type": "prometheus", "serviceType": "prometheus", "metricName": "errors"},
            "groups": ["Errors"],
            "analysisConfigurations": {
                "canary": {
                    "direction": "increase",
                    "nanStrategy": "replace",
                    "critical": True,
                    "mustHaveData": True,
                    "effectSize": {"allowedIncrease": 1.1, "criticalIncrease": 5},
                    "outliers": {"strategy": "remove", "outlierFactor": 2.5},
                }
            },
            "scopeName": "default",
        },
        {
            "name": "cpu",
            "query": {"type": "prometheus"},
            "groups": ["System", "All"],
            "analysisConfigurations": {"canary": {"muted": True, "effectSize": {"measure": "cles"}}},
        },
        {"name": "plain", "groups": ["All"]},
    ],
    "classifier": {"groupWeights": {"Errors": 60, "System": 40}, "scoreThresholds": {"pass": 90, "marginal": 70}},
}


def test_a_whole_config() -> None:
    assert parse_config(DOCUMENT) == CanaryConfig(
        metrics=(
            Metric(
                "error rate",
                ("Errors",),
                Analysis(
                    direction=Direction.INCREASE,
                    replace_nans=True,
                    outlier_factor=2.5,
                    critical=True,
                    must_have_data=True,
                    allowed=Bounds(1.0, 1.1),
                    severe=Bounds(1.0, 5.0),
                ),
                DOCUMENT["metrics"][0]["query"],
            ),
            Metric(
                "cpu",
                ("System", "All"),
                Analysis(muted=True, measure=Measure.CLES, allowed=Bounds(0.5, 0.5), severe=Bounds(0.5, 0.5)),
                {"type": "prometheus"},
            ),
            Metric("plain", ("All",)),
        ),
        weights={"Errors": 60.0, "System": 40.0},
        thresholds=Thresholds(90.0, 70.0),
    )


def test_scores_have_defaults() -> None:
    assert parse_config({"metrics": [{"name": "cpu"}]}).thresholds == Thresholds(95.0, 75.0)


def test_none_is_kayentas_word_for_no_strategy() -> None:
    canary = {"nanStrategy": "none", "outliers": {"strategy": "none"}}
    config = parse_config({"metrics": [{"name": "cpu", "analysisConfigurations": {"canary": canary}}]})
    assert config.metrics[0].analysis == Analysis()


@pytest.mark.parametrize(
    ("way", "value", "message"),
    [
        (["judge", "name"], "dredd-v1.0", "c.judge.name is 'dredd-v1.0'; only NetflixACAJudge-v1.0 is understood."),
        (["metrics"], [], "c.metrics is empty; there is nothing to judge."),
        (["metrics", 1, "name"], "plain", "c.metrics has 'plain' twice. Give each metric its own name."),
        (["metrics", 1, "name"], None, "c.metrics[1].name is missing; results are told by it."),
        (["metrics", 2], "cpu", "c.metrics[2] is 'cpu'; a mapping is expected."),
        (
            ["metrics", 0, "analysisConfigurations", "canary", "direction"],
            "increse",
            "c.metrics[0].analysisConfigurations.canary.direction is 'increse'. Did you mean 'increase'?",
        ),
        (
            ["metrics", 0, "analysisConfigurations", "canary", "outliers", "outlierFactor"],
            0,
            "c.metrics[0].analysisConfigurations.canary.outliers.outlierFactor is 0; it must be above 0.",
        ),
        (
            ["classifier", "groupWeights", "Errors"],
            "60",
            "c.classifier.groupWeights.Errors is '60'; it must be a number.",
        ),
    ],
)
def test_refusals(way: list[Any], value: object, message: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    place: Any = document
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = value
    with pytest.raises(OptionError) as caught:
        parse_config(document, "c")
    assert str(caught.value) == message
