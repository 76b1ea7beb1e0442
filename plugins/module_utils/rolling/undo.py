# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way back: no pod more of the new release, then the very template of before, and all its pods."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ..clock import Clock
from ..cluster import POD, Cluster, ClusterError, NotFound, Obj
from ..gate.text import seconds
from ..workload.changes import Watches
from ..workload.kinds import workload_of
from ..workload.snapshot import NoDeployment, is_ready, name_of, take, template
from ..workload.waiting import Expectation, Outcome, Tell, wait
from .former import Former, NoFormer, digest, find_template
from .pace import stop_words
from .watch import Watcher
from .writer import Writer


@dataclass(frozen=True, slots=True)
class Undone:
    """`stopped`, `written`, `back`: after how many seconds it was stopped, had its template again, and all its pods.

    None is for what was not done. `equal`: the template is the former one, to the letter.
    """

    stopped: float | None = None
    written: float | None = None
    back: float | None = None
    equal: bool = False
    revision: str = ""
    error: str = ""
    words: str = ""
    deleted: tuple[str, ...] = ()
    changed: bool = False

    @property
    def done(self) -> bool:
        return self.equal and self.back is not None and not self.error

    def as_dict(self) -> dict[str, Any]:
        return {
            "done": self.done,
            "stopped_after": _rounded(self.stopped),
            "written_after": _rounded(self.written),
            "back_after": _rounded(self.back),
            "equal": self.equal,
            "revision": self.revision,
            "deleted_pods": list(self.deleted),
            "error": self.error,
        }

    def describe(self, former: Former) -> str:
        told = [f"{self.words} after {seconds(self.stopped)}."] if self.stopped is not None and self.words else []
        if self.written is not None and self.equal:
            told.append(f"The template of {former.title} was put back after {seconds(self.written)}.")
        if self.done:
            told.append(f"All pods are as before after {seconds(self.back or 0.0)}.")
        elif self.error:
            told.append(f"IT IS NOT AS BEFORE: {self.error}")
        return " ".join(told)


def _nobody() -> None:
    """Nobody wants to know."""


@dataclass(slots=True)
class Undo:
    """Never raises: what goes wrong is in the result."""

    cluster: Cluster
    writer: Writer
    former: Former
    expected: Expectation
    clock: Clock
    tell: Tell
    watcher: Watcher = Watches
    noted: Callable[[], None] = _nobody
    _begun: float = 0.0

    def run(self, why: str, *, stop: bool = True, waiting: bool = True) -> Undone:
        self._begun = self.clock.monotonic()
        done = self._stop(why) if stop else Undone()
        try:
            done = self._restore(done)
            self.noted()
            done = self._free(done)
            if waiting:
                done = self._wait(done)
                self.writer.forget_stop()
        except (ClusterError, NoDeployment, NoFormer) as error:
            self.noted()
            return replace(done, error=_joined(done.error, str(error)))
        return done

    def _stop(self, why: str) -> Undone:
        try:
            written = self.writer.stop(self.former, why)
        except ClusterError as error:
            return Undone(error=str(error))  # the way back is tried all the same
        self.tell(f"{stop_words(written.after)}: {why}" if written.changed else "it has its former template already")
        return Undone(stopped=self._gone(), words=stop_words(written.after), changed=written.changed)

    def _restore(self, done: Undone) -> Undone:
        kept = self.former.template
        if kept is None or digest(kept) != self.former.digest:
            kept = find_template(self.cluster, self.writer.read(), self.former)
        put = self.writer.restore(self.former, kept)
        after = put.after
        equal = digest(template(after)) == self.former.digest
        done = replace(done, written=self._gone(), equal=equal, changed=done.changed or put.changed)
        done = done if equal else replace(done, error=_joined(done.error, "the template differs from the former one."))
        self.tell(f"the template of {self.former.title} is back")
        return done

    def _free(self, done: Undone) -> Undone:
        """A StatefulSet waits for ever for a pod that does not become ready, even to replace it by a good one.

        https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
        """
        if self.writer.kind != "StatefulSet" or not done.changed:
            return done
        snapshot = take(self.cluster, self.writer.namespace, self.writer.name, "StatefulSet")
        there = workload_of(snapshot.workload)
        pods = [*snapshot.pods, *snapshot.former]
        broken = [one for one in pods if not is_ready(one) and there.revision_of(one) != self.former.revision]
        for pod in map(name_of, broken):
            self.tell(f"pod {pod} never became ready and is deleted, as its StatefulSet would wait for it")
            with suppress(NotFound):
                self.cluster.delete(POD, self.writer.namespace, pod)
        return replace(done, deleted=tuple(map(name_of, broken)))

    def _wait(self, done: Undone) -> Undone:
        outcome = self._outcome()
        if not outcome.ok:
            return replace(done, error=_joined(done.error, outcome.reason))
        snapshot = take(self.cluster, self.writer.namespace, self.writer.name, self.writer.kind)
        revision = name_of(snapshot.revision) if snapshot.revision is not None else ""
        return replace(done, back=self._gone(), revision=revision)

    def _outcome(self) -> Outcome:
        def watch(workload: Obj) -> Any:
            return self.watcher(self.cluster, workload, self.clock)

        return wait(self.cluster, replace(self.expected, stuck_after=None), watch, self.clock, self.tell)

    def _gone(self) -> float:
        return self.clock.monotonic() - self._begun


def _joined(*errors: str) -> str:
    return " ".join(filter(None, errors))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
