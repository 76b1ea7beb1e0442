# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Note in the ledger of one environment that a release went on to the next.

That is no rollout there: it needs no lock, and whoever rolls out something newer in the meantime is not disturbed.
"""

from __future__ import annotations

from ..cluster import Cluster, ClusterError
from ..rollout.entry import Entry, moment
from ..rollout.ledger import Book, Ledger, Written
from ..rollout.names import Names


def note(cluster: Cluster, names: Names, image: str, text: str, now: float, *, dry_run: bool = False) -> Written:
    """Adds to the latest released entry of the image. The same text is there once. Raises ClusterError."""

    def change(book: Book) -> Book:
        for index, entry in enumerate(book.history):
            if entry.outcome == "released" and entry.release.get("image") == image:
                history = (*book.history[:index], _noted(entry, text, now), *book.history[index + 1 :])
                return Book(book.open, history)
        raise ClusterError(f"The ledger of {names.describe()} has no release {image} any more, so nothing was noted.")

    return Ledger(cluster, names).write(change, dry_run=dry_run)


def _noted(entry: Entry, text: str, now: float) -> Entry:
    if any(one.startswith(text) for one in entry.notes):
        return entry
    return entry.noted(f"{text}, {moment(now)}")
