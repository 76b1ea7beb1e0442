# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The gate's hand on the route: the split that it sets at the start and the one that it puts back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..clock import Clock
from ..cluster import ClusterError
from ..traffic.apply import SplitChange, apply_split
from ..traffic.errors import TrafficError, from_cluster
from ..traffic.observe import Counters, observe
from ..traffic.route import Route
from ..traffic.split import Split

WRITE_SECONDS = 30.0  # for a write with all its retries
_UNSEEN = "Whether traffic has followed could not be seen."


@dataclass(frozen=True, slots=True)
class Rollback:
    """What became of the way back.

    `done`: the route is at `split`. `error` says why it is not, or why traffic was not seen to follow.
    """

    done: bool
    seconds: float
    split: Split
    changed: bool = False
    error: str = ""
    observation: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        pairs: dict[str, Any] = {"done": self.done, "seconds": round(self.seconds, 3), "split": self.split.as_dict()}
        return pairs | {"error": self.error, "observation": self.observation}


class Switch(Protocol):
    """What a gate does to traffic."""

    def rehearse(self) -> tuple[Split | None, Split | None]:
        """Let the API server check every write that may come, in a dry run; the splits before and after the first.

        Raises TrafficError.
        """

    def describe(self) -> list[str]:
        """For people: what would be set, and put back."""

    def shift(self) -> SplitChange | None:
        """Set the split to begin with, if there is one. Raises TrafficError."""

    def restore(self) -> Rollback | None:
        """Put back the split for failures, if there is one. Never raises: what went wrong is in the result."""

    def followed(self, rollback: Rollback) -> Rollback:
        """Wait until traffic has followed, as far as that is wanted. Never raises."""


@dataclass(slots=True)
class RouteSwitch:
    """A Switch over a route. `counters` opens what is observed by; it is called only when there is something to see."""

    route: Route
    split: Split | None
    on_fail: Split | None
    clock: Clock
    counters: Callable[[], Counters | None] | None = None
    observe_timeout: float = 30.0
    _change: SplitChange | None = None

    def rehearse(self) -> tuple[Split | None, Split | None]:
        before = after = None
        for split in (self.on_fail, self.split):
            if split is not None:
                change = self._apply(split, check_mode=True)
                before, after = change.before, change.after
        return before, after if self.split is not None else before

    def describe(self) -> list[str]:
        name = self.route.spec.describe()
        lines = [f"Sets {name} to {self.split.describe()}."] if self.split is not None else []
        if self.on_fail is None:
            return [*lines, "Puts nothing back when it fails: on_fail is not given."]
        return [*lines, f"Puts {name} at {self.on_fail.describe()} when it fails."]

    def shift(self) -> SplitChange | None:
        return None if self.split is None else self._apply(self.split)

    def restore(self) -> Rollback | None:
        if self.on_fail is None:
            return None
        begun = self.clock.monotonic()
        try:
            self._change = self._apply(self.on_fail, insist=True)
        except TrafficError as error:
            return Rollback(False, self._since(begun), self.on_fail, bool(error.data.get("changed")), str(error))
        except Exception as error:  # a mistake of ours must not hide that the route may still be wrong
            return Rollback(False, self._since(begun), self.on_fail, False, f"{type(error).__name__}: {error}")
        return Rollback(True, self._since(begun), self._change.after, self._change.changed)

    def followed(self, rollback: Rollback) -> Rollback:
        if self.counters is None or self._change is None or not rollback.done:
            return rollback
        try:
            before, after = self._change.before, self._change.after
            timeout = self.observe_timeout
            seen = observe(self.route, before, after, self.counters(), clock=self.clock, timeout=timeout).as_dict()
        except TrafficError as error:
            return _with(rollback, error.data.get("observation", {}), str(error))
        except ClusterError as error:
            return _with(rollback, {}, str(from_cluster(error, _UNSEEN)))
        except Exception as error:  # nor must it hide that the route is back
            return _with(rollback, {}, f"{_UNSEEN} {type(error).__name__}: {error}")
        return _with(rollback, seen, "")

    def _apply(self, split: Split, *, check_mode: bool = False, insist: bool = False) -> SplitChange:
        deadline = self.clock.monotonic() + WRITE_SECONDS
        return apply_split(self.route, split, check_mode=check_mode, clock=self.clock, deadline=deadline, insist=insist)

    def _since(self, begun: float) -> float:
        return self.clock.monotonic() - begun


def _with(rollback: Rollback, observation: dict[str, Any], error: str) -> Rollback:
    return Rollback(rollback.done, rollback.seconds, rollback.split, rollback.changed, error, observation)
