# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods read side by side, the ones that answer and the ones that do not."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import Unreachable
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.pods import (
    Endpoint,
    PodsSource,
    direct_fetch,
    pods_source,
    proxy_fetch,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import SourceError
from ansible_collections.slipway.rollout.plugins.module_utils.gate.subject import Pod, PodGroup, read_pod
from ansible_collections.slipway.rollout.plugins.module_utils.gate.workers import Workers

from tests.unit.gate.builders import FakeClock, pod_object

REQUESTS = Selector.parse('http_requests_total{version="canary"}')
PAGE = 'http_requests_total{status="200",version="v7"} 5\nprocess_start_time_seconds 1767225612.5\nother 1\n'


@dataclass
class Pods:
    """Stands for a Subject."""

    found: list[Pod]
    error: Exception | None = None

    def pods(self) -> list[Pod]:
        if self.error:
            raise self.error
        return self.found


def pod(name: str = "pod-1", **changes: Any) -> Pod:
    return read_pod(pod_object(name, **changes), "canary")


def source(fetch: Callable[[Pod], str], *pods: Pod, timeout: float = 5.0) -> PodsSource:
    return PodsSource(Pods(list(pods)), fetch, FakeClock(), Workers(4), timeout)  # type: ignore[arg-type]


def test_series_carry_the_pods_labels_as_prometheus_would_give_them() -> None:
    reading = source(lambda pod: PAGE, pod("b"), pod("a")).read([REQUESTS])
    one = reading.series[0]
    assert one.labels == {
        "app": "shop",
        "app_kubernetes_io_name": "shop",
        "version": "canary",
        "exported_version": "v7",
        "status": "200",
        "namespace": "production",
        "pod": one.target,
    }
    assert (one.value, one.timestamp) == (5, FakeClock().wall())
    assert len(reading.select(REQUESTS)) == 2
    assert [target.name for target in reading.targets] == ["a", "b"]


def test_the_process_start_dates_the_counters() -> None:
    (target,) = source(lambda pod: PAGE, pod()).read([REQUESTS]).targets
    assert (target.started, target.incarnation, target.group) == (1767225612.5, "1767225612.5", "canary")


def test_without_it_the_containers_start_has_to_do() -> None:
    (target,) = source(lambda pod: "up 1", pod()).read([REQUESTS]).targets
    assert (target.started, target.incarnation, target.error) == (1767225610.0, "", "")


def test_pods_that_do_not_run_are_not_asked() -> None:
    reading = source(lambda pod: PAGE, pod(phase="Pending"), pod(podIP="")).read([REQUESTS])
    assert (reading.series, reading.targets) == ((), ())


def test_one_broken_pod_does_not_hide_the_others() -> None:
    def fetch(pod: Pod) -> str:
        return PAGE if pod.name == "good" else "<html>"

    reading = source(fetch, pod("bad"), pod("good")).read([REQUESTS])
    assert [(target.name, bool(target.error), len(target.scrapes)) for target in reading.targets] == [
        ("bad", True, 0),
        ("good", False, 1),
    ]
    assert "not Prometheus' text format" in reading.targets[0].error
    assert len(reading.series) == 1


def test_no_pod_that_answers_is_an_error_with_the_reason() -> None:
    def fetch(pod: Pod) -> str:
        raise Unreachable("connection refused")

    with pytest.raises(SourceError, match=r"No pod's metrics can be read. pod-1: connection refused") as caught:
        source(fetch, pod()).read([REQUESTS])
    assert caught.value.kind == "unreachable"


def test_pods_that_cannot_be_listed_are_an_error() -> None:
    one = source(lambda pod: PAGE)
    one.subject.error = Unreachable("no API server")  # type: ignore[assignment]
    with pytest.raises(SourceError, match="The pods could not be listed. no API server"):
        one.read([REQUESTS])


def test_a_pod_that_hangs_is_waited_for_once_and_heard_when_it_answers() -> None:
    answer, asked = threading.Event(), []

    def fetch(pod: Pod) -> str:
        asked.append(pod.name)
        if pod.name == "slow":
            answer.wait(30)
        return PAGE

    both = source(fetch, pod("slow"), pod("quick"), timeout=0.05)
    first, second = both.read([REQUESTS]), both.read([REQUESTS])
    assert [target.error for target in first.targets] == ["", "no answer for 0.1 s"]
    assert sorted(asked) == ["quick", "quick", "slow"]
    assert [one.target for one in second.series] == ["quick"]
    answer.set()
    both._flights["production", "slow"].future.exception(5)
    assert [target.error for target in both.read([REQUESTS]).targets] == ["", ""]


def test_the_last_page_of_a_pod_that_has_gone_still_counts() -> None:
    release = threading.Event()

    def fetch(pod: Pod) -> str:
        if pod.name == "leaving":
            release.wait(30)
        return PAGE

    one = source(fetch, pod("leaving"), pod("staying"), timeout=0.05)
    one.read([REQUESTS])
    release.set()
    one._flights["production", "leaving"].future.exception(5)
    one.subject.found.pop(0)  # type: ignore[attr-defined]
    assert {series.target for series in one.read([REQUESTS]).series} == {"leaving", "staying"}


def test_pods_answer_no_promql() -> None:
    with pytest.raises(SourceError, match="Pods answer no PromQL"):
        source(lambda pod: PAGE).read([], ["sum(up)"])


@pytest.mark.parametrize(
    ("endpoint", "annotations", "ports", "expected"),
    [
        (Endpoint(), {"prometheus.io/port": "9090", "prometheus.io/path": "/m"}, {}, (9090, "/m")),
        (Endpoint(port=1, path="/x"), {"prometheus.io/port": "9090", "prometheus.io/path": "/m"}, {}, (1, "/x")),
        (Endpoint(), {}, {"metrics": 9100}, (9100, "/metrics")),
    ],
)
def test_port_and_path(
    endpoint: Endpoint, annotations: dict[str, str], ports: dict[str, int], expected: tuple[int, str]
) -> None:
    assert endpoint.of(Pod("a", "b", "c", "d", annotations=annotations, ports=ports)) == expected


@pytest.mark.parametrize("annotations", [{}, {"prometheus.io/port": "http"}])
def test_a_pod_without_a_port_is_an_error_that_says_what_to_do(annotations: dict[str, str]) -> None:
    with pytest.raises(SourceError, match="Set the source's port"):
        Endpoint().of(Pod("a", "b", "c", "d", annotations=annotations))


@dataclass
class Proxy:
    """Stands for a Cluster that gives pods' pages."""

    asked: list[tuple[str, str, int, str, float]] = field(default_factory=list)

    def pod_metrics(self, namespace: str, pod: str, port: int, path: str, *, timeout: float) -> str:
        self.asked.append((namespace, pod, port, path, timeout))
        return PAGE


def test_through_the_api_server() -> None:
    proxy = Proxy()
    assert proxy_fetch(proxy, Endpoint(), 2.0)(pod()) == PAGE  # type: ignore[arg-type]
    proxy_fetch(proxy, Endpoint(scheme="https"), 2.0)(pod())  # type: ignore[arg-type]
    assert proxy.asked == [
        ("production", "pod-1", 9090, "/metrics", 2.0),
        ("production", "https:pod-1", 9090, "/metrics", 2.0),
    ]


@pytest.fixture
def server() -> Iterator[http.server.ThreadingHTTPServer]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/metrics" else 404)
            self.end_headers()
            self.wfile.write(PAGE.encode())

        def log_message(self, *args: object) -> None: ...

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join(5)


def test_straight_to_the_pod(server: http.server.ThreadingHTTPServer) -> None:
    port = server.server_address[1]
    there = pod(podIP="127.0.0.1")
    assert direct_fetch(Endpoint(port=port), 2.0)(there) == PAGE
    with pytest.raises(SourceError, match="answered with HTTP 404"):
        direct_fetch(Endpoint(port=port, path="/nothing"), 2.0)(there)
    with pytest.raises(SourceError, match="did not answer"):
        direct_fetch(Endpoint(port=1), 2.0)(pod(podIP="127.0.0.1"))


@pytest.mark.parametrize("via", ["proxy", "direct"])
def test_a_source_is_put_together_from_options(via: str) -> None:
    group = PodGroup("canary", "production", "version=canary")
    made = pods_source(Proxy(), [group], FakeClock(), endpoint=Endpoint(via=via))  # type: ignore[arg-type]
    assert made.describe() == f"the pods' own metrics ({via})"
    assert made.sent([REQUESTS]) == ['http_requests_total{version="canary"}']
    assert made.subject.groups == (group,)


def test_names_and_labels_are_told_by_a_few_pods() -> None:
    def fetch(pod: Pod) -> str:
        if pod.name == "broken":
            raise Unreachable("connection refused")
        return "<html>" if pod.name == "odd" else PAGE

    pods = source(fetch, pod("good"), pod("broken"), pod("odd"))
    assert pods.names() == ["http_requests_total", "other", "process_start_time_seconds"]
    (labels,) = pods.label_sets("http_requests_total")
    assert (labels["version"], labels["pod"]) == ("canary", "good")
