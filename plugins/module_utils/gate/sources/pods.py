# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pods' own /metrics, read side by side: no metrics server, and news as old as the request takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from ...clock import Clock
from ...cluster import Cluster, ClusterError
from ..exposition import ExpositionError, Line, parse
from ..selector import Selector
from ..subject import Pod, PodGroup, Subject
from ..workers import Workers
from .source import Reading, Sample, Series, SourceError, Target

# Set by nearly every client library; read in the same page as the counters, it dates them exactly.
PROCESS_START = "process_start_time_seconds"
_FEW = 16  # pods that are asked when it is only about what there is
_UNSAFE = re.compile(r"[^a-zA-Z0-9_]")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where pods expose metrics. What is not given comes from the pod's prometheus.io/* annotations."""

    via: str = "proxy"
    port: int | None = None
    path: str | None = None
    scheme: str | None = None

    def of(self, pod: Pod) -> tuple[int, str]:
        """Port and path for this pod. Raises SourceError when nothing names a port."""
        port = self.port or pod.annotations.get("prometheus.io/port") or pod.ports.get("metrics")
        if not port or not str(port).isdigit():
            raise SourceError(
                "no_targets",
                f"Pod {pod.name} says nowhere on which port its metrics are. Set the source's port, or the pods' "
                "annotation prometheus.io/port.",
            )
        return int(port), self.path or pod.annotations.get("prometheus.io/path") or "/metrics"

    def scheme_of(self, pod: Pod) -> str:
        return self.scheme or pod.annotations.get("prometheus.io/scheme") or "http"


Fetch = Callable[[Pod], str]


def proxy_fetch(cluster: Cluster, endpoint: Endpoint, timeout: float) -> Fetch:
    """Through the API server: works from anywhere; needs `get` on pods/proxy."""

    def fetch(pod: Pod) -> str:
        port, path = endpoint.of(pod)
        prefix = "https:" if endpoint.scheme_of(pod) == "https" else ""
        return cluster.pod_metrics(pod.namespace, f"{prefix}{pod.name}", port, path, timeout=timeout)

    return fetch


def direct_fetch(endpoint: Endpoint, timeout: float) -> Fetch:
    """Straight to the pod's address: works where the pod network can be reached."""
    from urllib3 import PoolManager, Timeout
    from urllib3.exceptions import HTTPError

    pool = PoolManager(maxsize=4, retries=False, timeout=Timeout(connect=timeout, read=timeout))

    def fetch(pod: Pod) -> str:
        port, path = endpoint.of(pod)
        host = f"[{pod.ip}]" if ":" in pod.ip else pod.ip
        url = f"{endpoint.scheme_of(pod)}://{host}:{port}/{path.lstrip('/')}"
        try:
            response = pool.request("GET", url, headers={"Accept": "text/plain"})
        except HTTPError as error:
            raise SourceError("unreachable", f"{url} did not answer: {error}.") from error
        if response.status != 200:
            raise SourceError("server_error", f"{url} answered with HTTP {response.status}.")
        return response.data.decode("utf-8", "replace")

    return fetch


@dataclass(slots=True)
class _Flight:
    """A page that was asked for and has perhaps not come yet."""

    pod: Pod
    began: float
    future: Future[tuple[float, str]]


@dataclass(slots=True)
class PodsSource:
    """Reads each pod of the subject once per reading.

    A pod that does not answer is waited for once, for at most `timeout` seconds; later readings only ask whether its
    answer has come, so that it does not hold up what the others have to say.
    """

    subject: Subject
    fetch: Fetch
    clock: Clock
    workers: Workers
    timeout: float
    endpoint: Endpoint = field(default_factory=Endpoint)
    _flights: dict[tuple[str, str], _Flight] = field(default_factory=dict)

    def read(self, selectors: Sequence[Selector], expressions: Sequence[str] = ()) -> Reading:
        if expressions:
            raise SourceError("bad_query", "Pods answer no PromQL. Use `gauge` with a selector, or another source.")
        pods = self._pods()
        fresh = [self._start(pod) for pod in pods if _key(pod) not in self._flights]
        wait([flight.future for flight in fresh], self.timeout)
        names = {selector.name for selector in selectors} | {PROCESS_START}
        series: list[Series] = []
        targets = []
        known = {_key(pod): pod for pod in pods}
        for key in list(known.keys() | self._flights.keys()):
            flight = self._flights[key]
            target, lines, at = self._land(flight, known.get(key, flight.pod), names)
            targets.append(target)
            series += _series(lines, at, flight.pod, selectors)
        if targets and all(target.error for target in targets):
            raise SourceError("unreachable", f"No pod's metrics can be read. {targets[0].name}: {targets[0].error}")
        return Reading(self.clock.wall(), tuple(series), tuple(sorted(targets, key=lambda target: target.name)))

    def describe(self) -> str:
        return f"the pods' own metrics ({self.endpoint.via})"

    def sent(self, selectors: Sequence[Selector]) -> list[str]:
        return [str(selector) for selector in selectors]

    def names(self) -> list[str]:
        return sorted({line.name for _pod, line in self._everything(None)})

    def label_sets(self, name: str) -> list[Mapping[str, str]]:
        return [_labels(line.labels, pod) for pod, line in self._everything({name})]

    def _everything(self, names: set[str] | None) -> list[tuple[Pod, Line]]:
        """What a few pods expose; a page that cannot be read is left out."""
        pods = self._pods()[:_FEW]
        futures = [self.workers.submit(partial(self._fetch, pod)) for pod in pods]
        wait(futures, self.timeout)
        found: list[tuple[Pod, Line]] = []
        for pod, future in zip(pods, futures, strict=True):
            if future.done() and not future.exception():
                with suppress(ExpositionError):
                    found += [(pod, line) for line in parse(future.result()[1], names)]
        return found

    def _pods(self) -> list[Pod]:
        try:
            return [pod for pod in self.subject.pods() if pod.ip and pod.phase == "Running"]
        except ClusterError as error:
            raise SourceError("unreachable", f"The pods could not be listed. {error}") from error

    def _start(self, pod: Pod) -> _Flight:
        future = self.workers.submit(partial(self._fetch, pod))
        flight = self._flights[_key(pod)] = _Flight(pod, self.clock.monotonic(), future)
        return flight

    def _fetch(self, pod: Pod) -> tuple[float, str]:
        page = self.fetch(pod)
        return self.clock.wall(), page

    def _land(self, flight: _Flight, pod: Pod, names: set[str]) -> tuple[Target, list[Line], float]:
        target = Target(pod.name, pod.group, started=pod.started)
        if not flight.future.done():
            late = self.clock.monotonic() - flight.began
            return _failed(target, f"no answer for {max(late, self.timeout):.1f} s"), [], 0.0
        del self._flights[_key(flight.pod)]
        try:
            at, page = flight.future.result()
            lines = parse(page, names)
        except (ClusterError, SourceError, ExpositionError) as error:
            return _failed(target, str(error)), [], 0.0
        births = [line.value for line in lines if line.name == PROCESS_START and not line.labels]
        started = births[0] if births else pod.started
        return Target(pod.name, pod.group, (at,), started, str(births[0]) if births else ""), lines, at


def pods_source(
    cluster: Cluster,
    groups: Sequence[PodGroup],
    clock: Clock,
    *,
    endpoint: Endpoint | None = None,
    timeout: float = 2.0,
    subject: Subject | None = None,
    workers: Workers | None = None,
) -> PodsSource:
    """A source of these pods; a `subject` that is already there is shared."""
    endpoint, workers = endpoint or Endpoint(), workers or Workers()
    fetch = proxy_fetch(cluster, endpoint, timeout) if endpoint.via == "proxy" else direct_fetch(endpoint, timeout)
    subject = subject or Subject(cluster, groups, clock, workers=workers)
    return PodsSource(subject, fetch, clock, workers, timeout, endpoint)


def _key(pod: Pod) -> tuple[str, str]:
    return pod.namespace, pod.name


def _failed(target: Target, error: str) -> Target:
    return Target(target.name, target.group, (), target.started, "", error)


def _series(lines: Sequence[Line], at: float, pod: Pod, selectors: Sequence[Selector]) -> list[Series]:
    found = []
    for line in lines:
        labels = _labels(line.labels, pod)
        if any(selector.matches(line.name, labels) for selector in selectors):
            found.append(Series.of(line.name, labels, (Sample(at, line.value),), pod.name))
    return found


def _labels(exposed: Mapping[str, str], pod: Pod) -> dict[str, str]:
    """As Prometheus' usual configuration gives them: the pod's labels win, the exposed ones are renamed."""
    labels = {_UNSAFE.sub("_", name): value for name, value in pod.labels.items()}
    labels |= {"namespace": pod.namespace, "pod": pod.name}
    for name, value in exposed.items():
        labels[f"exported_{name}" if labels.get(name, value) != value else name] = value
    return labels
