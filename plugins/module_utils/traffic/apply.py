# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one piece of code that moves traffic.

Every write is a compare-and-swap. A lost race is tried again while the split is what was read; a split that somebody
else changed is refused with their names; a write whose answer was lost is looked up, never assumed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..clock import Clock
from ..cluster import ApiError, ClusterError, Conflict, ServerError, Unanswered, Unreachable
from . import outcomes
from .errors import TrafficError, from_cluster
from .route import Route, RouteState, Step
from .split import Split

MAX_TRIES = 8  # of one step
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0
_LOOK = 0.25  # between looks at pods that are to become ready
TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class SplitChange:
    """What became of a wish. `after` is what the route makes of it, which pods may force to differ from `asked`."""

    changed: bool
    before: Split
    after: Split
    asked: Split
    attempts: int
    state: RouteState
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        pairs = {"changed": self.changed, "before": self.before.as_dict(), "after": self.after.as_dict()}
        return pairs | {"attempts": self.attempts} | ({"note": self.note} if self.note else {})


def check_names(route: Route, split: Split) -> None:
    """A split must name every backend of the route and no other."""
    known = [backend.name for backend in route.spec.backends]
    for name in split.names:
        if name not in known:
            raise TrafficError(
                "unknown_backend",
                f"split.{name}: route.backends has no '{name}', it has {', '.join(known)}. Use these names in split.",
            )
    for name in known:
        if name not in split.names:
            raise TrafficError("bad_split", f"split does not say what {name} gets. Add {name}: 0, or its weight.")


def apply_split(
    route: Route, split: Split, *, check_mode: bool, clock: Clock, deadline: float, insist: bool = False
) -> SplitChange:
    """Bring the route to `split`, or find it there. `deadline` is on the clock's monotonic scale.

    With `insist`, meant for the way back to the healthy version, even the first reading is tried again until the
    deadline, and pods that are slow to become ready no longer hold up the rest after it. Raises TrafficError; its data
    has `changed`, `before` and `after` as far as they are known.
    """
    check_names(route, split)
    try:
        first = _read(route, clock, deadline if insist else clock.monotonic())
    except ClusterError as error:
        context = f"{route.spec.describe()} could not be read, so nothing was written."
        raise from_cluster(error, context).enriched({"changed": False}) from error
    if check_mode:
        return _rehearse(route, first, split)
    return _Change(route, split, clock, deadline, insist, first).run()


def _rehearse(route: Route, first: RouteState, split: Split) -> SplitChange:
    """Ask the API server for every step as a dry run: permissions, validation and admission answer as they would."""
    state = first
    steps = route.plan(first, split)
    for step in steps:
        try:
            state = route.write(state, step, dry_run=True)
        except ClusterError as error:
            context = f"{route.spec.describe()} could not be taken to {split.describe()} in a dry run; nothing changed."
            data = {"changed": False, "before": first.split.as_dict(), "after": first.split.as_dict()}
            raise from_cluster(error, context).enriched(data) from error
    return _result(bool(steps), first, state, split, len(steps))


def _result(changed: bool, first: RouteState, state: RouteState, asked: Split, attempts: int) -> SplitChange:
    note = ""
    if state.split != asked:
        counts = ", ".join(f"{name} {count}" for name, count in state.shares.items())
        note = f"Asked for {asked.describe()}; the pods ({counts}) give {state.split.describe()}."
    return SplitChange(changed, first.split, state.split, asked, attempts, state, note)


def _read(route: Route, clock: Clock, deadline: float) -> RouteState:
    """Read at least once, and again until the deadline while the API server is away or busy."""
    pause = _FIRST_PAUSE
    while True:
        try:
            return route.read()
        except ClusterError as error:
            if not _passing(error) or clock.monotonic() + pause > deadline:
                raise
        clock.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _passing(error: ClusterError) -> bool:
    if isinstance(error, ApiError):
        return isinstance(error, ServerError) or error.status == TOO_MANY_REQUESTS
    return isinstance(error, (Unreachable, Unanswered))


class _Change:
    """One run of apply_split: what is known of the route and of our own writes, and nothing else."""

    def __init__(
        self, route: Route, split: Split, clock: Clock, deadline: float, insist: bool, first: RouteState
    ) -> None:
        self._route = route
        self._split = split
        self._clock = clock
        self._deadline = deadline
        self._insist = insist
        self._first = first
        self._state = first  # as last known
        self._changed = False
        self._lost: ClusterError | None = None  # how the answer to a write was lost that may have taken effect
        self._attempts = 0
        self._tries = 0  # of the step at hand

    def run(self) -> SplitChange:
        while steps := self._route.plan(self._state, self._split):
            if steps[0].hold and not (self._insist and self._late(0)):
                self._hold(steps[0])
            else:
                self._try(steps[0])
        return _result(self._changed, self._first, self._state, self._split, self._attempts)

    def _try(self, step: Step) -> None:
        """One write, after which the state is known again. Raises when it makes no sense to go on."""
        self._attempts += 1
        self._tries += 1
        try:
            written = self._route.write(self._state, step, dry_run=False)
        except Conflict as error:
            self._look_again(step)
            self._pause(error)
        except (Unanswered, ServerError) as error:
            if not isinstance(self._lost, Unanswered):  # of the two, the one that may still be on its way
                self._lost = error
            self._look_again(step)
            self._pause(error)
        except Unreachable as error:
            self._pause(error)
        except ApiError as error:
            if error.status != TOO_MANY_REQUESTS:
                raise outcomes.refused(self._attempt(), error) from error
            self._pause(error)
        else:
            self._changed = True
            if dict(written.shares) != dict(step.gives):
                raise outcomes.altered(self._attempt(), step.gives, written)
            self._know(written)

    def _look_again(self, step: Step) -> None:
        """Read what the route is at after a write that failed or may have."""
        fresh = self._reread()
        if fresh.shares == self._state.shares:
            self._state = replace(fresh, start=self._first.start)
        elif self._lost and dict(fresh.shares) == dict(step.gives):
            self._changed = True  # it was ours: what came back is what was sent
            self._know(fresh)
        elif self._route.plan(replace(fresh, start=self._first.start), self._split):
            raise outcomes.foreign_change(self._attempt(), fresh)
        else:
            self._know(fresh)  # somebody else wanted the same

    def _hold(self, step: Step) -> None:
        if self._late(0):
            raise outcomes.not_ready(self._attempt(), step.hold)
        self._clock.sleep(_LOOK)
        fresh = self._reread()
        if fresh.shares != self._state.shares:
            raise outcomes.foreign_change(self._attempt(), fresh)
        self._state = replace(fresh, start=self._first.start)

    def _reread(self) -> RouteState:
        try:
            return _read(self._route, self._clock, self._deadline)
        except TrafficError as error:
            raise error.enriched(self._attempt().data(None)) from error
        except ClusterError as error:
            if self._lost:
                raise outcomes.outcome_unknown(self._attempt(), self._lost, error) from error
            raise outcomes.unreadable(self._attempt(), error) from error

    def _know(self, state: RouteState) -> None:
        """A step is done: no write of ours is under way any more."""
        self._state = replace(state, start=self._first.start)
        self._lost = None
        self._tries = 0

    def _pause(self, error: ClusterError) -> None:
        """Wait before the next try, unless the step is done or there have been enough of them."""
        if self._tries == 0:
            return
        pause = min(_FIRST_PAUSE * 2**self._tries, _LONGEST_PAUSE)
        if self._tries >= MAX_TRIES or self._late(pause):
            if isinstance(self._lost, Unanswered):
                raise outcomes.outcome_unknown(self._attempt(), self._lost, None) from error
            raise outcomes.gave_up(self._attempt(), error) from error
        self._clock.sleep(pause)

    def _late(self, pause: float) -> bool:
        return self._clock.monotonic() + pause > self._deadline

    def _attempt(self) -> outcomes.Attempt:
        return outcomes.Attempt(
            spec=self._route.spec,
            asked=self._split,
            first=self._first,
            known=self._state,
            changed=self._changed,
            tries=self._tries,
            now=self._clock.wall(),
        )
