# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lock: one Lease per app and environment, renewed while modules run.

A holder that is heard of is let alone. Clocks of two machines may differ, so one that seems to be silent is first
watched for longer than the pause between two renewals; only one whose process is known to have ended is not waited for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from ..clock import Clock
from ..cluster import LEASE, Cluster, ClusterError, Conflict, Obj
from .entry import moment
from .holder import Holder, is_gone
from .names import Names, Refused

DURATION = 15.0  # seconds after which a silent holder has lost the lock
RENEWAL = 5.0  # seconds between two renewals
_LOOK = 1.0
_TRIES = 20  # of a compare-and-swap that others disturb
_ABOUT = "slipway.rollout/"
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


class Held(Refused):
    """Somebody else has the lock."""

    error = "held"


@dataclass(frozen=True, slots=True)
class Lease:
    """The lock as it stands. `since` and `renewed` are seconds since the Unix epoch, 0 where they are not told."""

    holder: Holder
    since: float
    renewed: float
    duration: float
    version: str
    transitions: int

    @classmethod
    def of(cls, obj: Obj) -> Lease:
        spec, meta = obj.get("spec") or {}, obj["metadata"]
        about = meta.get("annotations") or {}
        holder = Holder(
            spec.get("holderIdentity") or "", about.get(f"{_ABOUT}doing", ""), about.get(f"{_ABOUT}process", "")
        )
        duration = float(spec.get("leaseDurationSeconds") or DURATION)
        transitions = int(spec.get("leaseTransitions") or 0)
        since, renewed = _seconds(spec.get("acquireTime")), _seconds(spec.get("renewTime"))
        return cls(holder, since, renewed, duration, meta["resourceVersion"], transitions)

    def seems_alive(self, now: float) -> bool:
        """By our clock."""
        return abs(now - self.renewed) < self.duration

    def describe(self, now: float) -> str:
        since = moment(self.since)
        return f"{self.holder.describe()}, since {since}, last heard of {max(0.0, now - self.renewed):.0f} s ago"


def read(cluster: Cluster, names: Names) -> Lease | None:
    """The lock, or None where nobody has it. Raises ClusterError."""
    obj = cluster.find(LEASE, names.namespace, names.lease)
    lease = Lease.of(obj) if obj is not None else None
    return lease if lease is not None and lease.holder.identity else None


def take(cluster: Cluster, names: Names, me: Holder, clock: Clock) -> Holder | None:
    """Have the lock; whoever had it before and has not given it back, or None. Raises Held, ClusterError."""
    for _attempt in range(_TRIES):
        obj = cluster.find(LEASE, names.namespace, names.lease)
        lease = Lease.of(obj) if obj is not None else None
        other = lease.holder if lease is not None and lease.holder.identity not in ("", me.identity) else None
        if lease is not None and other is not None and not is_gone(other.process):
            _refuse_if_alive(cluster, names, lease, clock)
        try:
            _write(cluster, names, me, lease, clock.wall())
        except Conflict:
            continue  # somebody was quicker: look who
        return other
    raise ClusterError(f"Lease {names.namespace}/{names.lease} is written all the time. Find out by whom.")


def give_back(cluster: Cluster, names: Names, identity: str) -> None:
    """Nobody has it any more, if it was ours. Raises ClusterError."""
    for _attempt in range(_TRIES):
        obj = cluster.find(LEASE, names.namespace, names.lease)
        if obj is None or Lease.of(obj).holder.identity != identity:
            return
        patch = {
            "metadata": {"resourceVersion": obj["metadata"]["resourceVersion"]},
            "spec": {"holderIdentity": None, "renewTime": None, "acquireTime": None},
        }
        try:
            cluster.patch(LEASE, names.namespace, names.lease, patch)
        except Conflict:
            continue
        return


def _refuse_if_alive(cluster: Cluster, names: Names, lease: Lease, clock: Clock) -> None:
    """Comes back only when the holder was not heard of for longer than it would be silent alive. Raises Held."""
    if not lease.seems_alive(clock.wall()):
        watched = clock.monotonic() + RENEWAL + _LOOK
        seen: Lease | None = lease
        while seen == lease:
            if clock.monotonic() >= watched:
                return
            clock.sleep(_LOOK)
            obj = cluster.find(LEASE, names.namespace, names.lease)
            seen = Lease.of(obj) if obj is not None else None
        if seen is None or not seen.holder.identity:
            return
        lease = seen
    raise held(names, lease, clock)


def held(names: Names, lease: Lease, clock: Clock) -> Held:
    """The refusal."""
    return Held(
        f"a rollout of {names.describe()} is under way: {lease.describe(clock.wall())}.",
        f"let it end, or end it where it runs; if it has died, the same command works {lease.duration:.0f} s after it "
        f"was last heard of (Lease {names.namespace}/{names.lease}).",
    )


def _write(cluster: Cluster, names: Names, me: Holder, lease: Lease | None, now: float) -> None:
    about = {f"{_ABOUT}doing": me.doing, f"{_ABOUT}process": me.process}
    ours = lease is not None and lease.holder.identity == me.identity
    spec = {
        "holderIdentity": me.identity,
        "leaseDurationSeconds": int(DURATION),
        "acquireTime": stamp(lease.since if lease is not None and ours else now),
        "renewTime": stamp(now),
        "leaseTransitions": (lease.transitions if lease is not None else 0) + (0 if ours else 1),
    }
    if lease is None:
        meta = {"name": names.lease, "annotations": about, "labels": {"app.kubernetes.io/managed-by": "slipway"}}
        body = {"apiVersion": LEASE.api_version, "kind": LEASE.kind, "metadata": meta, "spec": spec}
        cluster.create(LEASE, names.namespace, body)
        return
    patch = {"metadata": {"resourceVersion": lease.version, "annotations": about}, "spec": spec}
    cluster.patch(LEASE, names.namespace, names.lease, patch)


def stamp(seconds: float) -> str:
    """As the API writes a MicroTime."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime(_TIME)


def _seconds(text: str | None) -> float:
    if not text:
        return 0.0
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return 0.0
