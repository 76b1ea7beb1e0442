# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is said when a split could not be set: one sentence of fact, one of what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..cluster import ApiError, ClusterError, Conflict
from .errors import TrafficError, from_cluster
from .route import RouteSpec, RouteState
from .split import Split
from .writers import Writer, describe_all, since


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one run of apply_split knows when it has to give up. `changed`: something of ours was written."""

    spec: RouteSpec
    asked: Split
    first: RouteState
    known: RouteState
    changed: bool
    tries: int
    now: float

    def data(self, after: Split | None, *, changed: bool | None = None) -> dict[str, Any]:
        return {
            "changed": self.changed if changed is None else changed,
            "before": self.first.split.as_dict(),
            "after": after.as_dict() if after else None,
        }

    def written_so_far(self) -> str:
        if not self.changed:
            return "Nothing was written."
        return f"Earlier steps were written: it is now at {self.known.split.describe()}."


def foreign_change(attempt: Attempt, fresh: RouteState) -> TrafficError:
    """Somebody else moved the split between our reading and our writing."""
    writers = since(attempt.known.writers, fresh.writers)
    return TrafficError(
        "conflict",
        f"{attempt.spec.describe()} was at {attempt.known.split.describe()} when it was read and is now at "
        f"{fresh.split.describe()}, changed by {describe_all(writers, attempt.now)}. {attempt.written_so_far()} "
        "Find out what they want, then run this again.",
        attempt.data(fresh.split) | _writers(writers),
    )


def lost_races(attempt: Attempt) -> TrafficError:
    """The object was written by others at each try, its split untouched."""
    writers = since(attempt.first.writers, attempt.known.writers)
    return TrafficError(
        "conflict",
        f"{attempt.spec.describe()} was written by somebody else before each of {attempt.tries} tries: "
        f"{describe_all(writers, attempt.now)}. {attempt.written_so_far()} Run this again when they are done.",
        attempt.data(attempt.known.split) | _writers(writers),
    )


def refused(attempt: Attempt, error: ApiError) -> TrafficError:
    return from_cluster(
        error,
        f"The API server refused to take {attempt.spec.describe()} to {attempt.asked.describe()}. "
        f"{attempt.written_so_far()}",
    ).enriched(attempt.data(attempt.known.split))


def gave_up(attempt: Attempt, error: ClusterError) -> TrafficError:
    """Every try failed in a way after which the route was seen, or is known, to be as it was."""
    if isinstance(error, Conflict):
        return lost_races(attempt)
    context = (
        f"{attempt.spec.describe()} could not be taken to {attempt.asked.describe()} in {attempt.tries} tries; when "
        f"last read it was at {attempt.known.split.describe()}. Run this again when the API server answers."
    )
    return from_cluster(error, context).enriched(attempt.data(attempt.known.split))


def outcome_unknown(attempt: Attempt, lost: ClusterError, reading: ClusterError | None) -> TrafficError:
    """A write was sent, its answer was lost, and the route could not be read since (or it may still arrive)."""
    seen = (
        f"and the route could not be read again ({reading})"
        if reading
        else f"and when last read the route was still at {attempt.known.split.describe()}, so the write may yet arrive"
    )
    return TrafficError(
        "outcome_unknown",
        f"The write of {attempt.asked.describe()} to {attempt.spec.describe()} was sent, no answer came ({lost}), "
        f"{seen}. It is at {attempt.known.split.describe()} if the write was lost and at {attempt.asked.describe()} "
        f"if it was not. See which: {_look(attempt.spec)}. Then run this again, which is safe either way.",
        attempt.data(None, changed=True) | {"possible": [attempt.known.split.as_dict(), attempt.asked.as_dict()]},
    )


def unreadable(attempt: Attempt, error: ClusterError) -> TrafficError:
    """The route could no longer be read, and no write of ours is on its way."""
    context = (
        f"{attempt.spec.describe()} could not be read again. {attempt.written_so_far()} "
        "Run this again when the API server answers."
    )
    return from_cluster(error, context).enriched(attempt.data(attempt.known.split))


def not_ready(attempt: Attempt, hold: str) -> TrafficError:
    return TrafficError(
        "not_ready",
        f"{attempt.spec.describe()}: {hold}, and time is up, so no pods were taken away from the others. "
        f"{attempt.written_so_far()} See why they do not start: kubectl -n {attempt.spec.namespace} get pods",
        attempt.data(attempt.known.split),
    )


def altered(attempt: Attempt, gives: Mapping[str, int], written: RouteState) -> TrafficError:
    """The API server took the write, and the object that came back says something else."""
    return TrafficError(
        "altered",
        f"{attempt.spec.describe()} was written as {dict(gives)}, and the API server made {dict(written.shares)} of "
        "it. An admission webhook probably changed it: kubectl get mutatingwebhookconfigurations",
        attempt.data(written.split, changed=True),
    )


def _writers(writers: Sequence[Writer]) -> dict[str, Any]:
    return {"writers": [writer.as_dict() for writer in writers]}


def _look(spec: RouteSpec) -> str:
    what = f"{spec.kind} {spec.name} -o yaml"
    if spec.kind == "replicas":
        what = "deployment " + " ".join(backend.deployment for backend in spec.backends)
    return f"kubectl -n {spec.namespace} get {what}"
