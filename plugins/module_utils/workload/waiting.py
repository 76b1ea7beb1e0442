# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait until a workload's newest template serves, or until it is certain that it will not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..clock import Clock
from ..cluster import ApiError, Cluster, ClusterError, Obj, ServerError
from .cause import Cause, shorten
from .causes import causes_of
from .changes import Changes
from .logs import Log, no_log, read_log
from .patience import Patience
from .progress import Progress, progress_of
from .snapshot import Snapshot, is_ready, take, with_events

_LONGEST_PAUSE = 2.0  # events and passing time wake nobody
_AWAY = 1.0  # between tries while the API server is away
_STANDING = 1.5  # before it is told: a first probe that fails is usual

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is waited for: all pods, or `replicas` of them while the workload wants more. `timeout` is in seconds.

    `stuck_after` (seconds) is how long any cause may stand that does not end by itself.
    """

    namespace: str
    name: str
    timeout: float
    replicas: int | None = None
    max_restarts: int = 1
    log_lines: int = 10
    kind: str = "Deployment"
    stuck_after: float | None = None

    def describe(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `ok` False with `reason`: one or two sentences for people."""

    ok: bool
    reason: str
    progress: Progress
    seconds: float
    causes: tuple[Cause, ...] = ()
    pods: tuple[dict[str, Any], ...] = ()
    log: Log = field(default_factory=no_log)

    def as_dict(self) -> dict[str, Any]:
        return {
            "reason": self.reason,
            "replicas": self.progress.as_dict(),
            "pods": list(self.pods),
            "details": [cause.as_dict() for cause in self.causes],
            "logs": self.log.as_dict(),
            "seconds": round(self.seconds, 2),
        }


def look(cluster: Cluster, expected: Expectation) -> Outcome:
    """One look, without waiting and without judging."""
    snapshot = with_events(cluster, take(cluster, expected.namespace, expected.name, expected.kind))
    progress = progress_of(snapshot)
    done = _done(progress, expected)
    causes = () if done else tuple(causes_of(snapshot, progress, expected.max_restarts))
    reason = causes[0].text if causes else _title(expected, progress)
    return Outcome(done, reason, progress, 0.0, causes, _pods(snapshot))


def quiet(line: str) -> None:
    """A Tell for those who only want the outcome."""


def wait(
    cluster: Cluster, expected: Expectation, watch: Callable[[Obj], Changes], clock: Clock, tell: Tell = quiet
) -> Outcome:
    """Look whenever something changes. `watch` makes the Changes of a workload; `tell` hears what stands in the way.

    Raises NoDeployment, and ClusterError when the API refuses, or does not answer until the time is up.
    """
    return _Waiting(cluster, expected, watch, clock, tell).run()


class _Waiting:
    def __init__(
        self, cluster: Cluster, expected: Expectation, watch: Callable[[Obj], Changes], clock: Clock, tell: Tell
    ) -> None:
        self._cluster = cluster
        self._expected = expected
        self._watch = watch
        self._clock = clock
        self._start = clock.monotonic()
        self._since: dict[tuple[str, str], float] = {}
        self._patience = Patience(expected.stuck_after)
        self._tell = tell
        self._told: object = None

    def run(self) -> Outcome:
        changes: Changes | None = None
        while True:
            snapshot = self._take()
            # After the first look, so that the watches know what to watch; they begin with what is there by then.
            changes = changes or self._watch(snapshot.workload)
            self._patience.learn(snapshot.former)
            progress = progress_of(snapshot)
            if _done(progress, self._expected):
                return self._outcome(True, snapshot, progress, ())
            if too_few := self._too_few(progress):
                return self._outcome(False, snapshot, progress, (too_few,))
            snapshot = self._events(snapshot)
            causes = self._patience.apply(causes_of(snapshot, progress, self._expected.max_restarts))
            certain, next_certain = self._certain(causes)
            if certain:
                first = [*certain, *(cause for cause in causes if cause not in certain)]
                return self._outcome(False, snapshot, progress, _deadline_last(first))
            self._say(progress, causes)
            left = self._left()
            if left <= 0:
                return self._outcome(False, snapshot, progress, tuple(causes), late=True)
            changes.wait(min(left, next_certain, _LONGEST_PAUSE))

    def _left(self) -> float:
        return self._start + self._expected.timeout - self._clock.monotonic()

    def _take(self) -> Snapshot:
        """A look that outlasts an API server that is away for a while."""
        while True:
            try:
                return take(self._cluster, self._expected.namespace, self._expected.name, self._expected.kind)
            except ClusterError as error:
                refused = isinstance(error, ApiError) and not isinstance(error, ServerError) and error.status != 429
                if refused or self._left() <= _AWAY:
                    raise
            self._clock.sleep(_AWAY)

    def _events(self, snapshot: Snapshot) -> Snapshot:
        try:
            return with_events(self._cluster, snapshot)
        except ClusterError:
            return snapshot  # events only explain: without them the rest is still true

    def _certain(self, causes: Sequence[Cause]) -> tuple[list[Cause], float]:
        """Causes that stood long enough, and the seconds until the next one will have."""
        now = self._clock.monotonic()
        keys = {cause.key for cause in causes}
        self._since = {key: since for key, since in self._since.items() if key in keys}
        certain, soonest = [], float("inf")
        for cause in causes:
            missing = self._since.setdefault(cause.key, now) + cause.patience - now
            if missing <= 0:
                certain.append(cause)
            else:
                soonest = min(soonest, missing)
        return certain, soonest

    def _say(self, progress: Progress, causes: Sequence[Cause]) -> None:
        """How far it has come, and what has stood in the way for a moment; once, until it is something else."""
        now = self._clock.monotonic()
        standing = [cause for cause in causes if now - self._since[cause.key] >= _STANDING]
        told = (progress.describe(), standing[0].key if standing else None)
        if told != self._told:
            self._told = told
            self._tell(told[0] + (f". {standing[0].text}" if standing else ""))

    def _too_few(self, progress: Progress) -> Cause | None:
        wanted = self._expected.replicas
        if wanted is None or progress.desired >= wanted:
            return None
        text = (
            f"{self._expected.kind} {self._expected.name} asks for {progress.desired} pods where {wanted} are "
            "expected: somebody else, perhaps an HPA, scaled it in."
        )
        return Cause("replicas", text, 0.0)

    def _outcome(
        self, ok: bool, snapshot: Snapshot, progress: Progress, causes: tuple[Cause, ...], *, late: bool = False
    ) -> Outcome:
        seconds = self._clock.monotonic() - self._start
        reason = _title(self._expected, progress)
        log = no_log()
        if not ok:
            told = causes[0].text if causes else f"{reason}; no pod says why."
            reason = f"{told} Time is up after {seconds:.0f} s: {progress.describe()}." if late else told
            log = read_log(self._cluster, self._expected.namespace, causes, self._expected.log_lines)
            if log.lines and causes[0].kind == "crash":
                reason += f" Its last line: {shorten(log.lines[-1])}"
        return Outcome(ok, reason, progress, seconds, causes, _pods(snapshot), log)


def _done(progress: Progress, expected: Expectation) -> bool:
    return progress.done if expected.replicas is None else progress.has(expected.replicas)


def _deadline_last(causes: Sequence[Cause]) -> tuple[Cause, ...]:
    """That time passed is the least of explanations: any other cause goes before it."""
    return tuple(sorted(causes, key=lambda cause: cause.kind == "deadline"))


def _title(expected: Expectation, progress: Progress) -> str:
    return f"{expected.describe()}: {progress.describe()}"


def _pods(snapshot: Snapshot) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "name": pod["metadata"]["name"],
            "ready": is_ready(pod),
            "phase": (pod.get("status") or {}).get("phase", "Unknown"),
            "restarts": sum(c.get("restartCount", 0) for c in (pod.get("status") or {}).get("containerStatuses") or []),
            "ip": (pod.get("status") or {}).get("podIP", ""),
            "node": pod["spec"].get("nodeName", ""),
        }
        for pod in snapshot.pods
    )
