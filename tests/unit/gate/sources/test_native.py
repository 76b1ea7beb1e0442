# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Native histograms by the HTTP API of Prometheus, as it was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.increments import Increments
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.http import HttpOptions, JsonClient
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.native import as_buckets, read_native, twin
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.prometheus import PrometheusSource
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import (
    Bucket,
    Sample,
    Series,
    SourceError,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.workers import Workers

from tests.unit.gate.builders import FakeClock, series
from tests.unit.gate.sources.server import Metrics, failure, matrix, scalar, serving

RECORDED = {
    "metric": {"__name__": "h", "pod": "a"},
    "histograms": [
        [
            1000.1,
            {
                "count": "7",
                "sum": "1.25",
                "buckets": [[3, "-0.001", "0.001", "2"], [0, "0.25", "0.2726269331663144", "5"]],
            },
        ],
        [1001.1, {"count": "7", "sum": "1.25"}],
    ],
}


def test_counts_and_buckets() -> None:
    samples, buckets = read_native(RECORDED)
    assert samples == [Sample(1000.1, 7.0), Sample(1001.1, 7.0)]
    assert buckets == {
        1000.1: (Bucket(-0.001, 0.001, 2.0), Bucket(0.25, 0.2726269331663144, 5.0)),
        1001.1: (),
    }
    assert read_native({"metric": {}, "values": [[1, "2"]]}) == ([], {})


def test_the_other_name() -> None:
    asked = Selector.parse('h_bucket{pod="a",le=~"0.25|\\\\+Inf"}')
    assert str(twin(asked)) == 'h{pod="a"}'
    assert twin(Selector.parse("h_count")) is None


def test_who_shows_classic_buckets_is_read_by_them() -> None:
    samples, buckets = read_native(RECORDED)
    both, plain = (Series.of("h", {"pod": pod}, samples, pod, buckets) for pod in ("a", "b"))
    gauge = series("h", (1.0, 2.0), target="c")
    (one,) = as_buckets([both, plain, gauge], [series('h_bucket{le="1",pod="a"}', (1.0, 2.0), target="a")])
    assert (one.name, one.target, one.buckets) == ("h_bucket", "b", buckets)


LABELS = {"__name__": "m", "version": "canary", "job": "pods", "instance": "10.0.0.1:9090", "pod": "canary-1"}
SLOW = Selector.parse('h_bucket{version="canary"}')
CLASSIC, NATIVE = 'h_bucket{version="canary"}', 'h{version="canary"}'


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    with serving(Metrics({"time()": scalar(1000.0)})) as running:
        yield running


def source(metrics: Metrics, clock: FakeClock | None = None) -> PrometheusSource:
    """A source whose server lives at 1000 s."""
    client = JsonClient("Prometheus", HttpOptions(metrics.url))
    return PrometheusSource(client, clock or FakeClock(), Workers(4), 5.0)


def native(*samples: tuple[float, float, float], name: str = "h") -> dict[str, Any]:
    """A time, the events up to 0.25 and those above."""
    found = [
        [at, {"count": str(low + high), "sum": "1",
              "buckets": [[0, "0.125", "0.25", str(low)], [0, "0.25", "0.5", str(high)]]}]
        for at, low, high in samples
    ]  # fmt: skip
    return {"resultType": "matrix", "result": [{"metric": {**LABELS, "__name__": name}, "histograms": found}]}


def test_native_histograms_answer_to_the_name_of_their_buckets(metrics: Metrics) -> None:
    clock = FakeClock()
    one = source(metrics, clock)
    metrics.answers |= {f"{CLASSIC}[300s]": matrix(), f"{NATIVE}[300s]": native((998.0, 5, 1), (999.0, 7, 1))}
    increments = Increments()
    assert one.sent([SLOW]) == [f"{CLASSIC}[300s]", f"{NATIVE}[300s]"]
    reading = one.read([SLOW])
    assert [(found.name, found.value, len(found.buckets)) for found in reading.series] == [("h_bucket", 8.0, 2)]
    assert one.sent([SLOW]) == [f"{NATIVE}[300s]"]
    increments.add(reading)
    clock.now += 3
    metrics.answers |= {f"{CLASSIC}[11s]": matrix(), f"{NATIVE}[11s]": native((999.0, 7, 1), (1001.0, 8, 3))}
    (gain,) = increments.add(one.read([SLOW]))
    assert (gain.amount, {found.upper: found.events for found in gain.buckets}) == (3.0, {0.25: 1.0, 0.5: 2.0})
    metrics.answers[f"{NATIVE}[11s]"] = failure(500, "broken")
    with pytest.raises(SourceError, match="broken"):
        one.read([SLOW])


@pytest.mark.parametrize("other", [failure(400, "histograms are not a thing here"), native((999.0, 7, 1))])
def test_classic_buckets_are_enough(metrics: Metrics, other: object) -> None:
    one = source(metrics)
    bucket = {**LABELS, "__name__": "h_bucket", "le": "0.25"}
    metrics.answers |= {f"{CLASSIC}[300s]": matrix((bucket, [(999.0, "5")])), f"{NATIVE}[300s]": other}
    (found,) = one.read([SLOW]).series
    assert found.labels["le"] == "0.25"
    assert one.sent([SLOW]) == [f"{CLASSIC}[300s]"]


def test_a_native_histogram_by_its_own_name_counts_its_events(metrics: Metrics) -> None:
    one = source(metrics)
    metrics.answers["*"] = native((999.0, 7, 1), name="m")
    assert [(found.name, found.value) for found in one.read([Selector("m")]).series] == [("m", 8.0)]


def test_the_labels_of_a_native_histogram_are_those_of_its_buckets(metrics: Metrics) -> None:
    metrics.answers["/api/v1/series"] = lambda: [{"pod": "a"}] if metrics.asked[-1][2]["match[]"] == "h" else []
    assert source(metrics).label_sets("h_bucket") == [{"pod": "a"}]
    assert source(metrics).label_sets("none") == []
