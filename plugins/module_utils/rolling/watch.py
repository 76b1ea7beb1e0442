# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waits for a rollout beside the gate that watches it, and tells the gate what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from ..clock import Clock
from ..cluster import Cluster, ClusterError, Obj
from ..gate.faults import Faults
from ..gate.subject import Subject
from ..workload.changes import Changes, Watches
from ..workload.snapshot import NoDeployment
from ..workload.waiting import Expectation, Outcome, Tell, wait
from .arms import NEW
from .service import Behind, NotBehind

Watcher = Callable[[Cluster, Obj, Clock], Changes]


class Cancelled(Exception):
    """Nobody waits for the rollout any more."""


@dataclass(slots=True)
class Watch:
    """Starts once the release is given. From then on `hold` says what is still missing, and `failure` what is wrong."""

    cluster: Cluster
    expected: Expectation
    clock: Clock
    tell: Tell
    watcher: Watcher = Watches
    behind: Behind | None = None
    outcome: Outcome | None = None
    error: str = ""
    _told: str = "the rollout begins"
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True, name="rollout")
        self._thread.start()

    def cancel(self) -> None:
        self._cancelled.set()

    def hold(self) -> str:
        """What the rollout has yet to do, "" once it is through."""
        return "" if self.outcome is not None and self.outcome.ok else self._told

    def failure(self) -> str:
        """Why it will not be through, "" while it may be."""
        return self.error or (self.outcome.reason if self.outcome is not None and not self.outcome.ok else "")

    def _run(self) -> None:
        try:
            outcome = wait(self.cluster, self.expected, self._changes, self.clock, self._hear)
            if outcome.ok and self.behind is not None:
                self._told = f"all pods are ready, and not yet all behind Service {self.behind.service}"
                self.behind.wait([pod["name"] for pod in outcome.pods], self._beat)
            self.outcome = outcome
        except Cancelled:
            pass
        except (ClusterError, NoDeployment, NotBehind) as error:
            self.error = str(error)
        except Exception as error:  # a watch that is gone must not look like one that sees nothing
            self.error = f"the rollout could not be watched: {type(error).__name__}: {error}"

    def _beat(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled

    def _hear(self, line: str) -> None:
        self._told = line
        self.tell(line)

    def _changes(self, workload: Obj) -> Changes:
        return _Cancellable(self.watcher(self.cluster, workload, self.clock), self._cancelled)


@dataclass(frozen=True, slots=True)
class _Cancellable:
    changes: Changes
    cancelled: threading.Event

    def wait(self, seconds: float) -> None:
        self.changes.wait(seconds)
        if self.cancelled.is_set():
            raise Cancelled


class RollFaults(Faults):
    """What the rollout says as long as it goes on; once it is through, containers that restart."""

    def __init__(self, subject: Subject, watch: Watch) -> None:
        super().__init__(subject, {NEW}, watch.clock)
        self._watch = watch
        self._through = False

    def found(self) -> str:
        self.look()
        failure = self._watch.failure()
        if failure or self._watch.hold():
            return failure.rstrip(".")
        if not self._through:
            self._through = True
            self.begin()
        return super().found()
