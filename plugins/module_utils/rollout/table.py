# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ledger as lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from .entry import Entry
from .ledger import Book

_COLUMNS = "{:<23}  {:<10}  {:<34}  {:<11}  {}"


def table(book: Book, held_by: str = "") -> list[str]:
    """A line per rollout, the open one first; who has the lock above."""
    lines = [f"Locked by {held_by}"] if held_by else []
    if book.open is None and not book.history:
        return [*lines, "No rollout is known here yet."]
    return [*lines, _COLUMNS.format("when", "strategy", "release", "outcome", "why"), *_rows(book)]


def _rows(book: Book) -> Iterator[str]:
    if book.open is not None:
        at = book.open.stage or book.open.phase
        at += ", PAUSED" if book.open.question else ""
        yield _row(book.open, book.open.since, "open", f"at {at}, by {book.open.by}")
    for entry in book.history:
        yield _row(entry, entry.ended, entry.outcome.replace("_", " "), f"{entry.reason}, by {entry.by}")


def _row(entry: Entry, when: str, outcome: str, why: str) -> str:
    return _COLUMNS.format(when, entry.strategy.replace("_", "-"), entry.title(), outcome, why).rstrip()
