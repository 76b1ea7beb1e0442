# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Readings, pods and a clock, as short as a test wants to write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Check, Counters, Events, Gauge
from ansible_collections.slipway.rollout.plugins.module_utils.gate.decision import Policy
from ansible_collections.slipway.rollout.plugins.module_utils.gate.evidence import Look
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.judge import Opinion, Verdict
from ansible_collections.slipway.rollout.plugins.module_utils.gate.judges.threshold import Threshold
from ansible_collections.slipway.rollout.plugins.module_utils.gate.loop import Loop, Timing
from ansible_collections.slipway.rollout.plugins.module_utils.gate.options import GATE_SPEC
from ansible_collections.slipway.rollout.plugins.module_utils.gate.report import Reporter, silent
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import (
    Answer,
    Reading,
    Sample,
    Series,
    Source,
    SourceError,
    Target,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.stop import Stop
from ansible_collections.slipway.rollout.plugins.module_utils.gate.watched import Watched

ALL = Selector.parse("requests_total")
BAD = Selector.parse('requests_total{status="500"}')


@dataclass
class FakeClock:
    """Time that passes only when somebody sleeps."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now + 1_700_000_000.0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += max(0.0, seconds)


def series(text: str, *samples: tuple[float, float], target: str = "pod-1") -> Series:
    """`series('m{a="1"}', (0.0, 5.0))`: a selector with plain matchers, and samples of time and value."""
    selector = Selector.parse(text)
    labels = {matcher.label: matcher.value for matcher in selector.matchers}
    return Series.of(selector.name, labels, [Sample(*sample) for sample in samples], target)


def reading(at: float, *found: Series, targets: Sequence[Target] = (), **answers: Answer) -> Reading:
    return Reading(at, found, tuple(targets), answers)


def requests(at: float, good: float, bad: float, pod: str = "pod-1") -> list[Series]:
    """What a pod has answered so far, as the counter that `errors` watches."""
    found = (("200", good), ("500", bad))
    return [series(f'requests_total{{pod="{pod}",status="{code}"}}', (at, count), target=pod) for code, count in found]


def errors(**changes: Any) -> Check:
    """At most 1 % of requests may fail."""
    return Check(**{"name": "errors", "measure": Counters((BAD,), (ALL,)), "limit": 0.01, **changes})


def load(**changes: Any) -> Check:
    """No pod may be at more than 5."""
    return Check(**{"name": "load", "measure": Gauge(selector=Selector("load")), "ceiling": 5.0, **changes})


def counted(at: float, bad: float, total: float, pod: str = "pod-1") -> Look:
    return Look(at, {pod: Events(bad, total)}, first_bad=at if bad else None)


def watched(check: Check, *looks: Look, opinion: Opinion | None = None, patience: int = 5) -> Watched:
    """A check that has seen these looks, and what is thought of it."""
    one = Watched.of(check, patience)
    for look in looks:
        one.evidence.add(look)
        one.series = max(one.series, int(look.has_data))
    if opinion is not None:
        one.judge(Always(opinion), final=True)
    return one


@dataclass
class Always:
    """A judge whose mind is made up."""

    mind: Opinion

    def opinion(self, *_evidence: object, final: bool) -> Opinion:
        return self.mind


def thinks(verdict: Verdict, reason: str = "as it is", **more: Any) -> Always:
    return Always(Opinion(verdict, reason, **more))


def loop(*checks: Check, source: Source, **changes: Any) -> Loop:
    """A loop of looks at a source, 1 s apart for 5 s, that tells nobody."""
    policy = changes.get("policy", Policy())
    parts: dict[str, Any] = {
        "watched": [Watched.of(check, policy.patience) for check in checks],
        "source": source,
        "judge": Threshold(),
        "timing": Timing(1.0, 5.0),
        "policy": policy,
        "clock": FakeClock(),
        "reporter": Reporter(silent),
        "stop": Stop(),
    }
    return Loop(**{**parts, **changes})


SUBJECT = {"stable": "app=shop,version=main", "canary": "app=shop,version=canary"}


def gate_params(**changes: Any) -> dict[str, Any]:
    """The module's options as Ansible hands them over, filled up from the argument spec; `source` may be partial."""
    given = {
        "namespace": "production",
        "subject": SUBJECT,
        "checks": [{"template": "error_rate", "max": 0.01}],
        **changes,
        "source": {"type": "prometheus", "url": "http://prometheus:9090", **changes.get("source", {})},
    }
    return _filled(GATE_SPEC, given)


def _filled(spec: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: given.get(name, option.get("default")) for name, option in spec.items()}
    for name, option in spec.items():
        if "options" in option and found[name] is not None:
            found[name] = _filled(option["options"], found[name])
    return found


def pod_object(name: str = "pod-1", **changes: Any) -> dict[str, Any]:
    """A running pod as the API shows it; `changes` go into its status."""
    container = {
        "name": "app",
        "restartCount": 0,
        "state": {"running": {"startedAt": "2026-01-01T00:00:10Z"}},
    }
    status = {
        "phase": "Running",
        "podIP": "10.0.0.1",
        "startTime": "2026-01-01T00:00:00Z",
        "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [container],
    }
    return {
        "metadata": {
            "name": name,
            "namespace": "production",
            "uid": f"uid-{name}",
            "labels": {"app": "shop", "version": "canary", "app.kubernetes.io/name": "shop"},
            "annotations": {"prometheus.io/port": "9090"},
        },
        "spec": {"containers": [{"name": "app", "ports": [{"name": "http", "containerPort": 8000}]}]},
        "status": {**status, **changes},
    }


@dataclass
class ScriptedSource:
    """Gives prepared readings, one per look, the last one for ever; an exception in the list is raised.

    `metrics` are the label sets of each metric that it has, or why it cannot say.
    """

    script: list[Reading | Exception | Callable[[], Reading]]
    asked: list[tuple[list[str], list[str]]] = field(default_factory=list)
    metrics: Mapping[str, list[Mapping[str, str]]] | SourceError = field(default_factory=dict)

    def read(self, selectors: Sequence[Selector], expressions: Sequence[str] = ()) -> Reading:
        self.asked.append(([str(selector) for selector in selectors], list(expressions)))
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        return step() if callable(step) else step

    def describe(self) -> str:
        return "a scripted source"

    def sent(self, selectors: Sequence[Selector]) -> list[str]:
        return [str(selector) for selector in selectors]

    def names(self) -> list[str]:
        return list(self._known())

    def label_sets(self, name: str) -> list[Mapping[str, str]]:
        return self._known().get(name, [])

    def _known(self) -> Mapping[str, list[Mapping[str, str]]]:
        if isinstance(self.metrics, SourceError):
            raise self.metrics
        return self.metrics


@dataclass
class Steady:
    """A source over a clock: `rate` requests a second, of which a share `bad` fails; answers take `slow` seconds."""

    clock: FakeClock
    rate: float = 100.0
    bad: float = 0.0
    slow: float = 0.0
    failing: Callable[[float], Exception | None] = lambda gone: None
    metrics: dict[str, list[Mapping[str, str]]] = field(default_factory=dict)
    begun: float = 1000.0
    looked: list[float] = field(default_factory=list)

    def read(self, selectors: Sequence[Selector], expressions: Sequence[str] = ()) -> Reading:
        gone = self.clock.now - self.begun
        self.looked.append(gone)
        self.clock.now += self.slow
        error = self.failing(gone)
        if error is not None:
            raise error
        every = gone * self.rate
        at = self.clock.wall()
        return reading(at, *requests(at, 500 + every * (1 - self.bad), every * self.bad), series("load", (at, 1.0)))

    def describe(self) -> str:
        return "traffic"

    def sent(self, selectors: Sequence[Selector]) -> list[str]:
        return [str(selector) for selector in selectors]

    def names(self) -> list[str]:
        return list(self.metrics)

    def label_sets(self, name: str) -> list[Mapping[str, str]]:
        return self.metrics.get(name, [])


def unreachable() -> SourceError:
    return SourceError("unreachable", "Nobody answers.")
