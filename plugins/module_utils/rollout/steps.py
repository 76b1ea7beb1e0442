# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The steps of a rollout's life: locked, open, reached, answered, ended; and `read`, which changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..clock import Clock
from ..cluster import Cluster, ClusterError
from . import lease
from .decision import Decision, Open, Wanted, decide
from .entry import Entry, moment
from .fence import Lock
from .holder import Holder
from .ledger import Book, Ledger, Written
from .names import Names, Refused


class Unlocked(ClusterError):
    """A step that needs the lock was called without it."""


@dataclass(frozen=True, slots=True)
class Step:
    """What came of a step. `lock` is None where nobody holds it by this step."""

    book: Book
    written: Written | None = None
    lock: Lock | None = None
    decision: Decision | None = None
    held: lease.Lease | None = None
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Steps:
    """`cluster` has no fence yet when the lock is taken, and has one afterwards."""

    cluster: Cluster
    names: Names
    me: Holder
    clock: Clock
    check_mode: bool = False

    def read(self) -> Step:
        """Who has the lock, and all that the ledger knows. Raises ClusterError."""
        return Step(self._ledger().read(), held=lease.read(self.cluster, self.names))

    def locked(self, wanted: Wanted) -> Step:
        """Take the lock, then see what is open. In check mode only look. Raises Held, Open, ClusterError."""
        if self.check_mode:
            return self._looked(wanted)
        before = lease.take(self.cluster, self.names, self.me, self.clock)
        try:
            book = self._ledger().read()
            decision = decide(book.open, wanted)
            if book.open is not None:
                note = f"{wanted.strategy} by {self.me.describe()} at {self._now()}: {decision.action}"
                self._ledger().update(lambda entry: entry.adopted(self.me.identity, note))
        except ClusterError:
            lease.give_back(self.cluster, self.names, self.me.identity)
            raise
        notes = (f"{before.describe()} did not give the lock back, and was not heard of any more.",) if before else ()
        return Step(book, lock=Lock(self.names, self.me.identity), decision=decision, notes=notes)

    def opened(self, options: Mapping[str, Any]) -> Step:
        """The open entry: what is brought, and all that is needed to go back. Raises Open, ClusterError."""

        def change(book: Book) -> Book:
            begun = Entry(
                strategy=options["strategy"],
                release=dict(options.get("release") or {}),
                replaced=dict(options.get("replaced") or {}),
                by=self.me.describe(),
                since=self._now(),
                holder=self.me.identity,
                undo=dict(options.get("undo") or {}),
                former=dict(options.get("former") or {}),
                notes=tuple(options.get("notes") or ()),
            )
            if book.open is not None and book.open.holder != self.me.identity:
                raise Open(f"another rollout is open: {book.open.describe()}.", "end it first.")
            return Book(begun if book.open is None else begun.instead_of(book.open), book.history)

        written = self._ledger().write(change, dry_run=self.check_mode)
        return Step(written.book, written)

    def reached(self, phase: str, stage: str, evidence: Mapping[str, Any] | None) -> Step:
        """One step on. Without an open entry nothing is noted. Raises ClusterError."""
        if self.check_mode:
            return Step(self._ledger().read())
        written = self._ledger().update(lambda entry: entry.reached(phase, stage, evidence))
        return Step(written.book, written)

    def answered(self, answer: str, reason: str) -> Step:
        """Say how a gate that has paused ends: pass, or fail. Raises Refused where none has, ClusterError."""
        book = self._ledger().read()
        if book.open is None or not book.open.question:
            raise Refused(
                f"No gate of {self.names.app} waits for an answer.", "see with playbooks/history.yml what is open."
            )
        if self.check_mode:
            return Step(book)
        said = {"passes": answer == "pass", "by": self.me.describe(), "why": reason}
        written = self._ledger().update(lambda entry: entry.answered(said))
        return Step(written.book, written)

    def ended(self, outcome: str, reason: str, extra: Mapping[str, Any]) -> Step:
        """Close the entry and give the lock back. Safe to run twice. Raises ClusterError."""
        if self.check_mode:
            return Step(self._ledger().read())

        def change(book: Book) -> Book:
            if book.open is None:
                return book
            entry = Entry.parse({**book.open.as_dict(), **{key: value for key, value in extra.items() if value}})
            return book.closing(entry.closed(outcome, reason, self._now()))

        written = self._ledger().write(change)
        lease.give_back(self.cluster, self.names, self.me.identity)
        return Step(written.book, written)

    def _looked(self, wanted: Wanted) -> Step:
        held = lease.read(self.cluster, self.names)
        if held is not None and held.holder.identity != self.me.identity and held.seems_alive(self.clock.wall()):
            raise lease.held(self.names, held, self.clock)
        book = self._ledger().read()
        return Step(book, decision=decide(book.open, wanted), held=held)

    def _ledger(self) -> Ledger:
        return Ledger(self.cluster, self.names)

    def _now(self) -> str:
        return moment(self.clock.wall())
