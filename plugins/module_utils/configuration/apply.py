# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Put a configuration into the cluster. It is never changed afterwards: another content has another name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..cluster import CONFIG_MAP, SECRET, Cluster, ClusterError, Conflict, Kind, Obj
from .bundle import APPLIED, Bundle


@dataclass(frozen=True, slots=True)
class Applied:
    """The objects that were missing."""

    created: tuple[str, ...]

    @property
    def changed(self) -> bool:
        return bool(self.created)


def apply(cluster: Cluster, namespace: str, bundle: Bundle, stamp: str, *, dry_run: bool) -> Applied:
    """`stamp`: now, as text; whoever clears away sees by it that somebody is about to use the objects.

    Raises ClusterError.
    """
    created = []
    for kind, obj in _objects(bundle, stamp):
        there = cluster.find(kind, namespace, bundle.name)
        if there is None:
            there = _create(cluster, kind, namespace, obj, dry_run=dry_run)
            if there is None:
                created.append(f"{kind.kind} {bundle.name}")
                continue
        _same(kind, there, obj)
        if not dry_run:
            patch = {"metadata": {"annotations": {APPLIED: stamp}}}
            cluster.patch(kind, namespace, bundle.name, patch)
    return Applied(tuple(created))


def _objects(bundle: Bundle, stamp: str) -> Iterator[tuple[Kind, Obj]]:
    yield CONFIG_MAP, bundle.config_map(stamp)
    if bundle.secret:
        yield SECRET, bundle.secret_object(stamp)


def _create(cluster: Cluster, kind: Kind, namespace: str, obj: Obj, *, dry_run: bool) -> Obj | None:
    """None when it was created, else what somebody else has created at the same moment."""
    try:
        cluster.create(kind, namespace, obj, dry_run=dry_run)
    except Conflict:
        return cluster.get(kind, namespace, obj["metadata"]["name"])
    return None


def _same(kind: Kind, there: Obj, wanted: Obj) -> None:
    if (there.get("data") or {}) == wanted["data"]:
        return
    raise ClusterError(
        f"{kind.kind} {there['metadata']['name']} is there with other content than its name says: somebody has written "
        "it. Delete it when no pod uses it, and run the same command again."
    )
