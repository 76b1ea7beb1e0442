# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A rollout under watch: the release is given, judged while it rolls and for a while after, or taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..cluster import Cluster, ClusterError
from ..gate.decision import Ending, fails
from ..gate.judges.judge import Verdict
from ..gate.loop import Loop
from ..gate.marks import Marks
from ..gate.results import result
from ..gate.stop import Stopped
from ..gate.suggest import OptionError
from ..gate.text import seconds
from ..gate.verdict import GateResult
from ..workload.kinds import workload_of
from ..workload.snapshot import take, template
from .arms import Revisions
from .former import STOPPED, Former, digest
from .undo import Undo, Undone
from .watch import Watch
from .writer import Foreign, Goal, Writer, Written, is_ours


@dataclass(frozen=True, slots=True)
class Rolled:
    """What came of it. `undone` is None where nothing had to be taken back."""

    gate: GateResult
    watch: Mapping[str, Any]
    former: Former
    changed: bool
    failed: bool
    undone: Undone | None = None
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        words = {Verdict.PASS: "Passed", Verdict.FAIL: "Failed", Verdict.INCONCLUSIVE: "Inconclusive"}
        told = f"{words[self.gate.verdict]} after {seconds(self.gate.seconds)}: {self.gate.reason.rstrip('.')}."
        return f"{told} {self.undone.describe(self.former)}".strip() if self.undone is not None else told

    def as_dict(self) -> dict[str, Any]:
        found = {key: value for key, value in self.gate.as_dict().items() if key not in ("before", "after", "rollback")}
        watched = {key: self.watch[key] for key in ("replicas", "pods", "details", "logs") if key in self.watch}
        undone = self.undone.as_dict() if self.undone is not None else None
        notes = [*found["notes"], *self.notes]
        return {**found, **watched, "changed": self.changed, "undone": undone, "notes": notes}


@dataclass(slots=True)
class Roll:
    """One run. `former` is what there was before, also when an earlier run has begun it."""

    cluster: Cluster
    loop: Loop
    writer: Writer
    watch: Watch
    subject: Revisions
    goal: Goal
    former: Former
    undo: Undo
    marks: Marks
    _written: Written | None = None
    _notes: list[str] = field(default_factory=list)

    def run(self) -> Rolled:
        """Raises OptionError, Foreign and ClusterError only where nothing was changed."""
        begun = self.loop.clock.monotonic()
        left = (self.writer.read()["metadata"].get("annotations") or {}).get(STOPPED)
        if left:
            ending = Ending(Verdict.FAIL, f"an earlier run had stopped it: {left}")
            return self._failed(ending, begun)
        try:
            ending = self._unless_changed(self.loop.run(self._shift))
        except OptionError:
            raise
        except (Stopped, KeyboardInterrupt) as stopped:
            ending = Ending(Verdict.INCONCLUSIVE, f"not finished: {stopped}", "stopped")
        except (Foreign, ClusterError) as error:
            if self._written is None and isinstance(error, Foreign):
                raise
            ending = Ending(Verdict.INCONCLUSIVE, f"the release could not be given: {error}", "cluster")
        except Exception as error:
            said = f"the gate itself failed: {type(error).__name__}: {error}"
            ending = Ending(Verdict.INCONCLUSIVE, said, "unexpected")
        if fails(ending, self.loop.policy):
            return self._failed(ending, begun)
        self.loop.stop.deafen()
        return self._done(ending, None, self._since(begun))

    def _shift(self) -> bool:
        """What was counted before is known by now; from here on users get to the release."""
        self.subject.begin(self._old())
        self.marks.begun()
        with self.loop.stop.holding():
            self._written = self.writer.roll(self.goal, self.former)
        self.loop.reporter.say(
            f"{self.goal.release} is given to {self.writer.kind} {self.writer.namespace}/{self.writer.name}"
            if self._written.changed
            else "the release was given before; it is watched from here on"
        )
        self.watch.start()
        return False  # users come bit by bit, and `watch` says when

    def _unless_changed(self, ending: Ending) -> Ending:
        """What passed is the release only if nobody has given the workload another template meanwhile."""
        given = self._written.after if self._written is not None else self.writer.read()
        if ending.verdict is not Verdict.PASS or digest(template(self.writer.read())) == digest(template(given)):
            return ending
        return Ending(Verdict.INCONCLUSIVE, "somebody else has given it another template meanwhile", "foreign")

    def _old(self) -> list[str]:
        """The revisions that pods are of, without the one of the release, if an earlier run has given it."""
        snapshot = take(self.cluster, self.writer.namespace, self.writer.name, self.writer.kind)
        there, pods = workload_of(snapshot.workload), (*snapshot.pods, *snapshot.former)
        given = is_ours(snapshot.workload) and digest(template(snapshot.workload)) != self.former.digest
        new = there.mark_of(snapshot.revision) if snapshot.revision and given else ""
        return sorted({there.revision_of(pod) for pod in pods} - {new})

    def _since(self, begun: float) -> float:
        return self.loop.clock.monotonic() - begun

    def _failed(self, ending: Ending, begun: float) -> Rolled:
        """How long it took to know is one figure, how long the way back takes are others."""
        known = self._since(begun)
        return self._done(ending, self._take_back(ending), known)

    def _take_back(self, ending: Ending) -> Undone:
        """The first thing that is done once it is known; nothing may interrupt it."""
        self.loop.stop.deafen()
        self.watch.cancel()
        self.loop.reporter.say(f"{ending.verdict.name}: {ending.reason}")
        why = f"{ending.verdict.value}: {ending.reason}"
        self.undo.noted = lambda: self._note(ending)
        undone = self.undo.run(why, waiting=ending.error != "stopped")
        self.loop.reporter.say(undone.describe(self.former))
        return undone

    def _note(self, ending: Ending) -> None:
        """In the ledger, as soon as no pod more gets it."""
        if told := self.marks.judged(result(ending, self.loop, None, None, 0.0)):
            self._notes.append(told)

    def _done(self, ending: Ending, undone: Undone | None, took: float) -> Rolled:
        watched = self.watch.outcome.as_dict() if self.watch.outcome is not None else {}
        if undone is None:
            reason = "; ".join(filter(None, (str(watched.get("reason", "")), ending.reason)))
            ending = Ending(ending.verdict, reason, ending.error)
        found = result(ending, self.loop, None, None, took)
        if undone is None and (told := self.marks.judged(found)):
            self._notes.append(told)
        changed = bool(self._written and self._written.changed) or bool(undone and undone.changed)
        return Rolled(found, watched, self.former, changed, undone is not None, undone, tuple(self._notes))
