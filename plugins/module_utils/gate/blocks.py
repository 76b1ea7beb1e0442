# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks put together until every pod of both arms has been read again.

A metrics server reads each pod at a moment of its own. Between two looks often only the canary's pods have been read,
or only the baseline's; compared like that, every scrape would set one arm's requests against nothing. When a block
ends depends on moments and never on how many requests were bad, so that the evidence of its blocks stays valid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .check import Events
from .evidence import Look, add
from .statistics.ratio import Arms


@dataclass(frozen=True, slots=True)
class Block:
    """What both arms' pods have counted since the block before."""

    at: float
    canary: Mapping[str, Events]
    baseline: Mapping[str, Events]

    @property
    def arms(self) -> Arms:
        return Arms(add(self.canary.values()), add(self.baseline.values()))


@dataclass(slots=True)
class Blocks:
    """Collects looks. Of a look that does not know when its pods were read, each is a block."""

    _canary: dict[str, Events] = field(default_factory=dict)
    _baseline: dict[str, Events] = field(default_factory=dict)
    _counted: Mapping[str, float] = field(default_factory=dict)  # pod -> when it was read last before this block

    def add(self, look: Look) -> Block | None:
        """The block that this look completes, if it does."""
        for held, seen in ((self._canary, look.pods), (self._baseline, look.baseline)):
            for pod, events in seen.items():
                held[pod] = add((held[pod], events)) if pod in held else events
        if not look.has_data or any(at <= self._counted.get(pod, float("-inf")) for pod, at in look.read_at.items()):
            return None
        block = Block(look.at, self._canary, self._baseline)
        self._canary, self._baseline, self._counted = {}, {}, look.read_at
        return block
