# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Believe the data plane: has traffic followed the route? First by the route's status, then by request counters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..clock import Clock
from ..cluster import ClusterError
from ..gate.increments import Increments
from ..gate.selector import Selector
from ..gate.sources.source import Reading, Source, SourceError
from .cusum import Evidence, log_ratios, unlike
from .errors import TrafficError
from .route import Route, Settling
from .split import Split


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen after a switch.

    `by` says what the answer rests on: `counters`, `status`, `no_traffic` or `little_traffic` (the last two are no
    answer: `followed` is false, which is not the same as seeing that traffic did not follow). `requests` are those
    counted per backend since the switch; `warning` is a sentence, "" when there is nothing to warn of.
    """

    followed: bool
    by: str
    seconds: float
    requests: Mapping[str, int]
    warning: str = ""

    def as_dict(self) -> dict[str, Any]:
        pairs: dict[str, Any] = {"followed": self.followed, "by": self.by, "seconds": round(self.seconds, 3)}
        return pairs | {"requests": dict(self.requests)} | ({"warning": self.warning} if self.warning else {})


@dataclass(frozen=True, slots=True)
class Counters:
    """Where requests are counted: the group of each of the source's targets is the name of a backend."""

    source: Source
    selector: Selector
    interval: float


def observe(
    route: Route, before: Split, after: Split, counters: Counters | None, *, clock: Clock, timeout: float
) -> Observation:
    """Look until traffic goes by `after` and no longer by `before`, for at most `timeout` seconds.

    Without counters the route's status alone decides. Raises TrafficError `not_followed` when time is up and traffic
    or status still speak against it, `not_observed` when nothing could be seen at all.
    """
    return _Watch(route, before, after, counters, clock, timeout).run()


@dataclass(slots=True)
class _Seen:
    """What came together so far."""

    status: Settling = field(default_factory=lambda: Settling("waiting", "its status was not read yet"))
    evidence: Evidence = field(default_factory=Evidence)
    requests: dict[str, float] = field(default_factory=dict)
    readings: int = 0
    trouble: str = ""


class _Watch:
    def __init__(
        self, route: Route, before: Split, after: Split, counters: Counters | None, clock: Clock, timeout: float
    ) -> None:
        self._route = route
        self._after = after
        self._counters = counters
        self._clock = clock
        self._timeout = timeout
        self._begun = clock.monotonic()
        self._ratios = log_ratios(unlike(after) if before == after else before, after)
        self._increments = Increments()
        self._seen = _Seen(requests=dict.fromkeys(after.names, 0.0))

    def run(self) -> Observation:
        while True:
            self._look()
            if self._status_clear() and (self._seen.evidence.followed or self._status_suffices()):
                return self._observation(True, "status" if self._counters is None else "counters")
            pause = self._counters.interval if self._counters else _STATUS_INTERVAL
            if self._elapsed() + pause > self._timeout:
                return self._time_is_up()
            self._clock.sleep(pause)

    def _look(self) -> None:
        seen = self._seen
        try:
            if not self._status_clear():
                seen.status = self._route.observe()
            if self._counters is not None:
                reading = self._counters.source.read([self._counters.selector])
                requests = _requests(self._increments, reading)
                seen.evidence = seen.evidence.after(self._ratios, requests)
                for name, count in requests.items():
                    seen.requests[name] = seen.requests.get(name, 0.0) + count
                seen.readings += 1
                seen.trouble = next((target.error for target in reading.targets if target.error), "")
        except (ClusterError, SourceError) as error:
            seen.trouble = str(error)
        if seen.status.state == "refused":
            raise self._not_followed(f"{seen.status.reason}.")

    def _status_clear(self) -> bool:
        return self._seen.status.state in ("settled", "unknown")

    def _status_suffices(self) -> bool:
        return self._counters is None and self._seen.status.state == "settled"

    def _time_is_up(self) -> Observation:
        seen = self._seen
        trouble = f" The last trouble was: {seen.trouble}" if seen.trouble else ""
        if not self._status_clear():
            raise self._not_followed(f"{seen.status.reason}.{trouble}")
        if seen.evidence.not_followed:
            raise self._not_followed("requests still go by the split before." + trouble)
        if seen.readings == 0:
            raise TrafficError(
                "not_observed",
                f"{self._route.spec.describe()} is set to {self._after.describe()}, but whether traffic has followed "
                f"could not be seen in {self._timeout:g} s.{trouble or ' It has no status and no counters are read.'} "
                "Correct observe_metrics, or set observe: false.",
                self._data(),
            )
        return self._undecided(trouble)

    def _undecided(self, trouble: str) -> Observation:
        """No or few requests: a status that says yes is believed, and the warning says what it rests on."""
        total = round(sum(self._seen.requests.values()))
        if total == 0:
            by, what = "no_traffic", f"no request was counted on any backend in {self._timeout:g} s"
        else:
            by, what = "little_traffic", f"{total} requests in {self._timeout:g} s are too few to tell the splits apart"
        settled = self._seen.status.state == "settled"
        rest = (
            "only the route's status says that it was taken up" if settled else "whether traffic follows was not seen"
        )
        return self._observation(settled, "status" if settled else by, f"{what}; {rest}.{trouble}")

    def _not_followed(self, why: str) -> TrafficError:
        counted = ", ".join(f"{name} {round(count)}" for name, count in self._seen.requests.items())
        return TrafficError(
            "not_followed",
            f"{self._route.spec.describe()} is set to {self._after.describe()}, but traffic had not followed after "
            f"{self._elapsed():.1f} s: {why} Requests since: {counted}. Look at the gateway and its control plane; the "
            "route itself needs no further change.",
            self._data(),
        )

    def _data(self) -> dict[str, Any]:
        return {"observation": self._observation(False, "none").as_dict()}

    def _observation(self, followed: bool, by: str, warning: str = "") -> Observation:
        requests = {name: round(count) for name, count in self._seen.requests.items()}
        return Observation(followed, by, self._elapsed(), requests, warning)

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._begun


_STATUS_INTERVAL = 0.25  # seconds between looks where only the route's status is looked at


def _requests(increments: Increments, reading: Reading) -> dict[str, float]:
    """Requests per backend since the reading before."""
    groups = {target.name: target.group for target in reading.targets}
    requests: dict[str, float] = {}
    for gain in increments.add(reading):
        group = groups.get(gain.series.target, "")
        if group:
            requests[group] = requests.get(group, 0.0) + gain.amount
    return requests
