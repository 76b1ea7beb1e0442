# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has traffic changed from one split to another? Page's CUSUM of the log-likelihood ratio, request by request.

E. S. Page, "Continuous Inspection Schemes", Biometrika 41 (1954): the score rises while requests look more like the new
split than like the old one and never falls below 0, so that what came before the change does not count against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

from .split import Split

# Under the old split a false alarm comes once in this many requests at most (Lorden 1971), so that the few requests
# between the write and the switch hardly ever look like the new split.
FOLLOWED = log(10_000)
# The same measure the other way round: enough to say that traffic still goes by the old split.
NOT_FOLLOWED = log(100)
# This part of requests may come from anywhere (a probe, a straggler, a person with curl).
STRAY = 0.01
# A split that was not changed is told apart from one in which the backends without weight get this part.
LEAK = 10


@dataclass(frozen=True, slots=True)
class Evidence:
    """Scores in nats: `for_new` and `for_old` are CUSUMs in the two directions."""

    for_new: float = 0.0
    for_old: float = 0.0

    @property
    def followed(self) -> bool:
        return self.for_new >= FOLLOWED

    @property
    def not_followed(self) -> bool:
        return not self.followed and self.for_old >= NOT_FOLLOWED

    def after(self, ratios: Mapping[str, float], requests: Mapping[str, float]) -> Evidence:
        """With the requests of one more look, per backend."""
        gain = sum(ratios[name] * requests.get(name, 0.0) for name in ratios)
        return Evidence(max(0.0, self.for_new + gain), max(0.0, self.for_old - gain))


def log_ratios(old: Split, new: Split) -> dict[str, float]:
    """Per backend, what one request to it says for the new split against the old one."""
    return {name: log(_chance(new, name) / _chance(old, name)) for name in new.names}


def unlike(split: Split) -> Split:
    """The split that is to be ruled out when none was there before: a leak, or everything on the largest backend."""
    idle = sum(1 for name, weight in split if weight == 0)
    if idle:
        return Split.of_shares({name: weight * idle or LEAK for name, weight in split})
    largest = max(split.names, key=lambda name: split[name])
    return Split(tuple((name, 100 if name == largest else 0) for name in split.names))


def _chance(split: Split, name: str) -> float:
    return (1 - STRAY) * split[name] / 100 + STRAY / len(split.names)
