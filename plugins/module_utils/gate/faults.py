# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of pods that need no statistics: a container that ended, an arm without pods."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..cluster import ClusterError
from .sources.source import SourceError
from .subject import Pod, Subject


class Faults:
    """Compares the subject's pods with those of the beginning. Only the arms that checks are about are looked at."""

    def __init__(self, subject: Subject, arms: Collection[str]) -> None:
        self._subject = subject
        self._arms = arms
        self._restarts: dict[str, int] = {}
        self._had: set[str] = set()

    def begin(self) -> None:
        """Remember what was so before. Raises SourceError when the pods cannot be listed."""
        try:
            pods = self._subject.pods()
        except ClusterError as error:
            raise SourceError("unreachable", f"The pods of subject could not be listed. {error}") from error
        self._restarts = {pod.uid: pod.restarts for pod in pods}
        self._had = {pod.group for pod in pods if _runs(pod)}

    def found(self) -> str:
        """What has happened since, as a clause; "" if nothing."""
        pods = [pod for pod in self._subject.pods() if pod.group in self._arms]
        crashed = [pod for pod in pods if pod.restarts > self._restarts.get(pod.uid, 0) and not pod.terminating]
        if crashed:
            why = f" ({crashed[0].trouble})" if crashed[0].trouble else ""
            rest = f" and {len(crashed) - 1} more" if len(crashed) > 1 else ""
            times = crashed[0].restarts - self._restarts.get(crashed[0].uid, 0)
            return f"pod {crashed[0].name}{rest} of {crashed[0].group} has restarted {_times(times)}{why}"
        return self._vanished(pods)

    def _vanished(self, pods: Sequence[Pod]) -> str:
        running = {pod.group for pod in pods if _runs(pod)}
        for arm in sorted(self._had & set(self._arms)):
            if arm not in running:
                left = [pod for pod in pods if pod.group == arm]
                why = next((f"; pod {pod.name}: {pod.trouble or pod.phase}" for pod in left), "")
                return f"no pod of {arm} is running any more{why}"
        return ""


def _runs(pod: Pod) -> bool:
    return pod.phase == "Running" and not pod.terminating


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
