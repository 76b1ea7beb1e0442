# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Does the source see the pods that are about to get users?

Prometheus hears of a new pod up to five seconds late, and then reads it at its next scrape. Users who come before that
would be on a release that nobody can see.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from .sources.source import SourceError
from .subject import Subject

LONGEST = 60.0  # seconds: a scrape interval of half a minute, and the server's own delay

# Of these pods, those that the source has read at least once. Raises SourceError.
Scraped = Callable[[Sequence[str]], Collection[str]]


@dataclass(frozen=True, slots=True)
class Sight:
    """Compares the subject's ready pods with those that the source knows."""

    subject: Subject
    scraped: Scraped

    def unseen(self) -> list[str]:
        """Ready pods that the source has not read yet; none where it tells of no pod at all, so that it cannot say."""
        pods = sorted(pod.name for pod in self.subject.pods() if pod.ready and not pod.terminating)
        if not pods:
            return []
        try:
            seen = self.scraped(pods)
        except SourceError:
            return []  # whether there are measurements is told by the looks themselves
        return [pod for pod in pods if pod not in seen] if seen else []
