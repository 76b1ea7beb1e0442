# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A canary-config of Kayenta as the gate's judge: from the option to the verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.assemble import open_gate
from ansible_collections.slipway.rollout.plugins.module_utils.gate.canary_options import (
    analysed,
    parse_canary,
    scoring,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.config import Direction
from ansible_collections.slipway.rollout.plugins.module_utils.gate.report import silent
from ansible_collections.slipway.rollout.plugins.module_utils.gate.stop import Stop
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError

from tests.unit.gate.builders import FakeClock, errors, gate_params
from tests.unit.gate.kayenta.samples import SAMPLES
from tests.unit.gate.sources.server import Metrics, scalar, serving, vector

TEN, OTHER_TEN, TWENTY = (SAMPLES[f"around {name}"] for name in ("10, first", "10, second", "20, first"))
CONFIG: dict[str, Any] = {
    "name": "shop",
    "judge": {"name": "NetflixACAJudge-v1.0", "judgeConfigurations": {}},
    "metrics": [
        {"name": "latency", "groups": ["users"], "analysisConfigurations": {"canary": {"direction": "increase"}}},
        {"name": "queue", "groups": ["system"]},
    ],
    "classifier": {"groupWeights": {"users": 80, "system": 20}},
}
SUBJECT = {"stable": "app=shop,version=main", "canary": "app=shop,version=canary"}


def checks(**changes: str) -> list[Any]:
    return [errors(**{"name": name, "judge": "kayenta", **changes}) for name in ("latency", "queue")]


def test_checks_are_judged_as_the_config_says() -> None:
    config = parse_canary({"canary_config": CONFIG}, checks())
    assert [check.analysis.direction for check in analysed(checks(), config)] == [Direction.INCREASE, Direction.EITHER]
    assert scoring(config) is not None


def test_without_the_option_each_check_is_for_itself() -> None:
    assert parse_canary({"canary_config": None}, checks()) is None
    assert analysed(checks(), None) == checks()
    assert scoring(None) is None


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (checks(judge="slo"), "checks[0].judge is 'slo', but canary_config is for the judge kayenta."),
        (
            [*checks(), errors(name="queues", judge="kayenta")],
            "checks[2].name is 'queues', no metric of canary_config. Did you mean 'queue'?",
        ),
        (
            checks()[:1],
            "canary_config.metrics[1].name is 'queue', but no check says how it is measured.",
        ),
    ],
)
def test_checks_and_metrics_go_by_the_same_names(found: list[Any], said: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_canary({"canary_config": CONFIG}, found)
    assert said in str(caught.value)


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with serving(Metrics()) as running:
        yield running


class Shop:
    """Values of both arms, minute by minute, as Prometheus gives them."""

    def __init__(self, metrics: Metrics, **values: list[float]) -> None:
        self.metrics, self.values = metrics, values
        self.clock = FakeClock()
        self.begin = self.clock.wall()
        metrics.answers["time()"] = scalar(self.begin)
        for name in ("latency", "queue"):
            for arm, label in (("stable", "main"), ("canary", "canary")):
                query = f'max({name}{{namespace="production",app="shop",version="{label}"}})'
                metrics.answers[query] = lambda key=f"{name}_{arm}": vector(str(self.now(key)))

    def now(self, key: str) -> float:
        return self.values[key][int((self.clock.wall() - self.begin) // 60) % 30]

    def gate(self, **changes: Any) -> dict[str, Any]:
        params = gate_params(
            subject=SUBJECT,
            source={"url": self.metrics.url},
            checks=[{"name": name, "query": f"max({name}{{$canary}})"} for name in ("latency", "queue")],
            **{"judge": "kayenta", "canary_config": CONFIG, "interval": 60.0, "duration": 1800.0, **changes},
        )
        result: dict[str, Any] = open_gate(params, Nobody, self.clock, silent, Stop()).run().as_dict()
        return result


class Nobody:
    """A cluster without pods."""

    def list(self, *args: object, **more: object) -> list[Any]:
        return []


@pytest.mark.parametrize(
    ("latency", "queue", "verdict", "reason"),
    [
        (TEN, TEN, "pass", "the score is 100; 95 passes, below 75 fails"),
        (TEN, TWENTY, "inconclusive", "the score is 80; 95 passes, below 75 fails"),
        (TWENTY, TEN, "fail", "the score is 20; 95 passes, below 75 fails"),
    ],
)
def test_a_gate_of_two_metrics(
    metrics: Metrics, latency: list[float], queue: list[float], verdict: str, reason: str
) -> None:
    shop = Shop(metrics, latency_stable=OTHER_TEN, latency_canary=latency, queue_stable=OTHER_TEN, queue_canary=queue)
    found = shop.gate(on_pod_failure="tell")
    assert (found["verdict"], found["reason"]) == (verdict, reason)
    assert [check["verdict"] for check in found["checks"]] == [
        "fail" if values is TWENTY else "pass" for values in (latency, queue)
    ]
    assert found["looks"] == 30


def test_a_check_for_itself_needs_no_config(metrics: Metrics) -> None:
    shop = Shop(metrics, latency_stable=OTHER_TEN, latency_canary=TWENTY, queue_stable=OTHER_TEN, queue_canary=TEN)
    found = shop.gate(canary_config=None, on_pod_failure="tell")
    assert found["verdict"] == "fail"
    assert found["reason"].startswith("latency: High: the canary's mean is 20.")


def test_the_option_is_taken_as_it_was_exported(metrics: Metrics) -> None:
    exported = json.loads(
        json.dumps({**CONFIG, "createdTimestamp": 1, "templates": {"t": "${scope}"}, "applications": []})
    )
    shop = Shop(metrics, latency_stable=TEN, latency_canary=TEN, queue_stable=TEN, queue_canary=TEN)
    found = shop.gate(canary_config=exported, on_pod_failure="tell")
    assert found["verdict"] == "pass"
    assert found["checks"][0]["reason"].endswith("(30 and 30 points)")
