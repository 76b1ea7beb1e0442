# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of pods that need no statistics: containers that end, pods that fail or are not ready, arms without pods."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ..clock import Clock
from ..cluster import ClusterError
from .sources.source import SourceError
from .subject import Pod, Subject
from .text import seconds

# Readiness that is lost for a moment comes back; a pod that is without it for so long serves nobody.
UNREADY = 10.0  # seconds
# What a container waits for that will hardly come.
_STUCK = ("BackOff", "ErrImage", "InvalidImageName", "CreateContainer", "RunContainerError")


class Faults:
    """Compares the subject's pods with those of the beginning. Only the arms that checks are about are looked at.

    `seen` are all pods of all arms by name, as they were last.
    """

    def __init__(self, subject: Subject, arms: Collection[str], clock: Clock) -> None:
        self._subject = subject
        self._arms = arms
        self._clock = clock
        self._restarts: dict[str, int] = {}
        self._had: set[str] = set()
        self._ill: set[str] = set()  # before it began, so that it is no news
        self._was_ready: set[str] = set()
        self._unready: dict[str, float] = {}
        self.seen: dict[str, Pod] = {}

    def begin(self) -> None:
        """Remember what was so before. Raises SourceError when the pods cannot be listed."""
        try:
            pods = self._subject.pods()
        except ClusterError as error:
            raise SourceError("unreachable", f"The pods of subject could not be listed. {error}") from error
        self.seen |= {pod.name: pod for pod in pods}
        self._restarts = {pod.uid: pod.restarts for pod in pods}
        self._had = {pod.group for pod in pods if _runs(pod)}
        self._was_ready = {pod.uid for pod in pods if pod.ready}
        self._ill = {pod.uid for pod in pods if _is_stuck(pod) or pod.phase == "Failed"}

    def found(self) -> str:
        """What has happened since, as a clause; "" if nothing."""
        pods = [pod for pod in self.look() if pod.group in self._arms]
        self._watch_readiness(pods)
        return next(filter(None, (self._crashed(pods), self._vanished(pods), *self._ailing(pods))), "")

    def look(self) -> Sequence[Pod]:
        """The pods as they are now, remembered. What they have done is not judged."""
        pods = self._subject.pods()
        self.seen |= {pod.name: pod for pod in pods}
        return pods

    def _crashed(self, pods: Sequence[Pod]) -> str:
        crashed = [pod for pod in pods if pod.restarts > self._restarts.get(pod.uid, 0) and not pod.terminating]
        if not crashed:
            return ""
        rest = f" and {len(crashed) - 1} more" if len(crashed) > 1 else ""
        times = crashed[0].restarts - self._restarts.get(crashed[0].uid, 0)
        return f"pod {crashed[0].name}{rest} of {crashed[0].group} has restarted {_times(times)}{_why(crashed[0])}"

    def _vanished(self, pods: Sequence[Pod]) -> str:
        running = {pod.group for pod in pods if _runs(pod)}
        for arm in sorted(self._had & set(self._arms)):
            if arm not in running:
                left = [pod for pod in pods if pod.group == arm]
                why = next((f"; pod {pod.name}: {pod.trouble or pod.phase}" for pod in left), "")
                return f"no pod of {arm} is running any more{why}"
        return ""

    def _ailing(self, pods: Sequence[Pod]) -> Iterator[str]:
        for pod in pods:
            if pod.terminating or pod.uid in self._ill:
                continue
            if pod.phase == "Failed":
                yield f"pod {pod.name} of {pod.group} has failed{_why(pod)}"
            elif _is_stuck(pod):
                yield f"pod {pod.name} of {pod.group} does not run{_why(pod)}"
            elif pod.uid in self._unready:
                gone = self._clock.monotonic() - self._unready[pod.uid]
                if gone >= UNREADY:
                    yield f"pod {pod.name} of {pod.group} has not been ready for {seconds(gone)}{_why(pod)}"

    def _watch_readiness(self, pods: Sequence[Pod]) -> None:
        now = self._clock.monotonic()
        self._was_ready |= {pod.uid for pod in pods if pod.ready}
        lost = [pod.uid for pod in pods if not pod.ready and not pod.terminating and pod.uid in self._was_ready]
        self._unready = {uid: self._unready.get(uid, now) for uid in lost}


def _runs(pod: Pod) -> bool:
    return pod.phase == "Running" and not pod.terminating


def _is_stuck(pod: Pod) -> bool:
    return any(word in pod.trouble for word in _STUCK)


def _why(pod: Pod) -> str:
    return f" ({pod.trouble})" if pod.trouble else ""


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
