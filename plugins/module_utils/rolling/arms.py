# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Old and new pods told apart while they serve side by side behind one Service: by their revision."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ..clock import Clock
from ..cluster import POD, STATEFUL_SET, Cluster, Obj
from ..gate.selector import Selector
from ..gate.sources.source import Reading, Series, Source
from ..gate.subject import Pod, PodGroup, Subject, read_pod
from ..gate.workers import Workers
from ..workload.kinds import Workload

NEW, OLD = "canary", "stable"  # as checks call the arms
ARM = "slipway_arm"  # a label that only exists here, never in a metrics server
_REFRESH = 0.3
_WHOLE_SECOND = 1.0  # what Kubernetes' times are rounded down to


class Revisions(Subject):
    """The pods of one workload. Those that carry a revision of before the rollout are old, all others new.

    Pods that were on their way out already are on no side, whatever they carry: an earlier release may have left them.
    """

    def __init__(self, cluster: Cluster, there: Workload, obj: Obj, clock: Clock, *, selector: str, workers: Workers):
        self.namespace, self.workload = obj["metadata"]["namespace"], obj["metadata"]["name"]
        self._there, self._selector = there, selector
        self.reuses_names = there.kind is STATEFUL_SET
        self._former: Collection[str] | None = None
        self._leaving: Collection[str] = frozenset()
        groups = [PodGroup(arm, self.namespace, f"{ARM}={arm}") for arm in (NEW, OLD)]
        super().__init__(cluster, groups, clock, refresh=_REFRESH, workers=workers)

    def begin(self, former: Collection[str]) -> None:
        """These revisions are the old ones."""
        there = self._cluster.list(POD, self.namespace, labels=self._selector)
        self._leaving = frozenset(pod["metadata"]["uid"] for pod in there if "deletionTimestamp" in pod["metadata"])
        self._former = frozenset(former)

    def arm_of(self, pod: Obj) -> str:
        return NEW if self._former is not None and self._there.revision_of(pod) not in self._former else OLD

    def _list(self) -> tuple[Pod, ...]:
        return tuple(
            read_pod(pod, self.arm_of(pod))
            for pod in self._cluster.list(POD, self.namespace, labels=self._selector)
            if self._there.revision_of(pod) and pod["metadata"].get("uid") not in self._leaving
        )


@dataclass(slots=True)
class ByRevision:
    """A Source whose series have one label more: the arm of the pod that they come from."""

    inner: Source
    subject: Revisions
    pod_label: str = "pod"
    _arms: dict[str, tuple[str, float]] = field(default_factory=dict)

    def read(self, selectors: Sequence[Selector], expressions: Sequence[str] = ()) -> Reading:
        reading = self.inner.read([self._outer(selector) for selector in selectors], expressions)
        for pod in self.subject.pods():
            # A StatefulSet's new pod has the name of the old one, so what was counted before its start is not its own.
            since = float("-inf")
            if pod.group == NEW and self.subject.reuses_names:
                since = (pod.started or float("inf")) + _WHOLE_SECOND
            self._arms[pod.name] = (pod.group, since)
        told = (self._told(one) for one in reading.series)
        series = tuple(one for one in told if one is not None)
        return Reading(reading.at, series, reading.targets, reading.answers, reading.max_age)

    def describe(self) -> str:
        return self.inner.describe()

    def sent(self, selectors: Sequence[Selector]) -> list[str]:
        return self.inner.sent([self._outer(selector) for selector in selectors])

    def names(self) -> list[str]:
        return self.inner.names()

    def label_sets(self, name: str) -> list[Mapping[str, str]]:
        """Each with both arms, since there are none of the new one yet when somebody wants to know."""
        return [{**labels, ARM: arm} for labels in self.inner.label_sets(name) for arm in (NEW, OLD)]

    def _outer(self, selector: Selector) -> Selector:
        """As a metrics server can answer it: the workload's pods by their names."""
        if not any(matcher.label == ARM for matcher in selector.matchers):
            return selector
        kept = tuple(matcher for matcher in selector.matchers if matcher.label != ARM)
        return Selector(selector.name, kept).where(self.pod_label, "=~", f"{self.subject.workload[:50]}.*")

    def _told(self, series: Series) -> Series | None:
        arm, since = self._arms.get(series.labels.get(self.pod_label, ""), ("", float("-inf")))
        if not arm:
            return series
        samples = [sample for sample in series.samples if sample.at >= since]
        labels = {**series.labels, ARM: arm}
        return Series.of(series.name, labels, samples, series.target, series.buckets) if samples else None


@dataclass(frozen=True, slots=True)
class Nothing:
    """A Source for a rollout without checks."""

    clock: Clock

    def read(self, _selectors: Sequence[Selector], _expressions: Sequence[str] = ()) -> Reading:
        return Reading(self.clock.wall(), ())

    def describe(self) -> str:
        return "no source, because there are no checks"

    def sent(self, _selectors: Sequence[Selector]) -> list[str]:
        return []

    def names(self) -> list[str]:
        return []

    def label_sets(self, _name: str) -> list[Mapping[str, str]]:
        return []
