# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a check has seen, look by look and pod by pod: what judges judge."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .check import Events

# Looks that are kept one by one; of older ones only the sums. An hour at one look per second.
KEPT = 3600
# Looks whose pods are kept one by one; of older ones only what all of them have counted.
DETAILED = 30


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a check, at `at` seconds (wall time): raw increments per pod, or a gauge's worst value.

    `gap` says why there is no data, `error` why it could not be asked for. `first_bad` is when the first of the bad
    events was seen. `baseline` are the pods of the arm that is compared with, `baseline_value` is its gauge. `read_at`
    is when each living pod of either arm was read last, as far as that is known. `slowness` are histograms of the arm
    and of the baseline.
    """

    at: float
    pods: Mapping[str, Events] = field(default_factory=dict)
    value: float | None = None
    gap: str = ""
    error: str = ""
    first_bad: float | None = None
    baseline: Mapping[str, Events] = field(default_factory=dict)
    read_at: Mapping[str, float] = field(default_factory=dict)
    slowness: tuple[Mapping[float, float], Mapping[float, float]] | None = None
    baseline_value: float | None = None

    @property
    def events(self) -> Events:
        return add(self.pods.values())

    @property
    def has_data(self) -> bool:
        return not self.gap and not self.error


class Evidence:
    """The looks of one check since the gate's baseline. Memory is bounded, sums are not.

    `history` is what the pods of the arm that is compared with have counted before, each 15 s,
    `slowness_history` its histograms of the same time.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self.looks: deque[Look] = deque(maxlen=kept)
        self.pods: dict[str, Events] = {}
        self.history: Sequence[Mapping[str, Events]] = ()
        self.slowness_history: Sequence[Mapping[float, float]] = ()
        self.added = 0  # looks ever
        self.count = 0  # of looks with data
        self.gaps = 0  # looks without data, the latest in a row
        self.errors = 0  # looks that failed, the latest in a row

    def add(self, look: Look) -> None:
        self.looks.append(look)
        self.added += 1
        self.count += look.has_data
        self.gaps = self.gaps + 1 if look.gap else 0
        self.errors = self.errors + 1 if look.error else 0
        if len(self.looks) > DETAILED:
            self.looks[-DETAILED - 1] = _summed(self.looks[-DETAILED - 1])
        for pod, events in look.pods.items():
            self.pods[pod] = add((self.pods.get(pod, Events(0.0, 0.0)), events))

    @property
    def latest(self) -> Look | None:
        return self.looks[-1] if self.looks else None

    @property
    def events(self) -> Events:
        """All events since the baseline."""
        return add(self.pods.values())

    def since(self, at: float) -> Events:
        """The events of the looks after `at`."""
        return add(look.events for look in self._after(at))

    def after(self, place: int) -> list[Look]:
        """The looks after the first `place` ones, the oldest first; whole only if they are among the last DETAILED."""
        return list(self.looks)[max(0, len(self.looks) - (self.added - place)) :] if self.added > place else []

    def first_bad(self, at: float = float("-inf")) -> float | None:
        """When the first bad event of the looks after `at` was seen."""
        return min((look.first_bad for look in self._after(at) if look.first_bad is not None), default=None)

    def _after(self, at: float) -> Iterable[Look]:
        for look in reversed(self.looks):
            if look.at <= at:
                return
            yield look


def _summed(look: Look) -> Look:
    """With a thousand pods the details of an hour would be gigabytes."""
    pods, baseline = ({"": add(arm.values())} if arm else {} for arm in (look.pods, look.baseline))
    return replace(look, pods=pods, baseline=baseline, read_at={})


def add(events: Iterable[Events]) -> Events:
    bad = total = 0.0
    for one in events:
        bad += one.bad
        total += one.total
    return Events(bad, total)
