# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Clear away configurations that nothing can come back to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

from ..cluster import CONFIG_MAP, POD, SECRET, Cluster, ClusterError, NotFound, Obj
from ..preflight.permissions import Permission, ask, permission_problems
from .access import REVISION, WORKLOADS, to_clear
from .bundle import APPLIED, LABEL_APP, LABEL_HASH
from .template import used_by

TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Cleared:
    """Names of objects."""

    deleted: tuple[str, ...]
    kept: tuple[str, ...]
    permissions: tuple[Permission, ...] = ()


def clear(cluster: Cluster, namespace: str, app: str, now: float, keep_for: float, *, dry_run: bool) -> Cleared:
    """Keeps what pods, workloads and revisions to go back to use, what the ledger names, and what is new.

    What cannot be looked at everywhere is not touched at all.

    `keep_for`: seconds for which one is kept after it was applied, since whoever has applied it will use it. Raises
    ClusterError.
    """
    permissions = ask(cluster, to_clear(namespace))
    if problems := permission_problems(permissions):
        raise ClusterError(problems[0].text())
    ledger = cluster.find(CONFIG_MAP, namespace, f"slipway-{app}")
    noted = " ".join(((ledger or {}).get("data") or {}).values())
    candidates = [
        (kind, obj)
        for kind in (CONFIG_MAP, SECRET)
        for obj in cluster.list(kind, namespace, labels=f"{LABEL_APP}={app}")
        if obj["metadata"]["labels"].get(LABEL_HASH)
    ]
    used = set(_in_use(cluster, namespace)) if candidates else set()
    deleted, kept = [], []
    for kind, obj in candidates:
        meta = obj["metadata"]
        digest, name = meta["labels"][LABEL_HASH], f"{kind.kind} {meta['name']}"
        if digest in used or digest in noted or now - _applied(meta) < keep_for:
            kept.append(name)
            continue
        try:
            cluster.delete(kind, namespace, meta["name"], dry_run=dry_run)
        except NotFound:
            continue
        deleted.append(name)
    return Cleared(tuple(deleted), tuple(kept), tuple(permissions))


def _in_use(cluster: Cluster, namespace: str) -> Iterator[str]:
    for kind in WORKLOADS:
        for obj in cluster.list(kind, namespace):
            yield used_by(obj["spec"]["template"])
    for obj in cluster.list(REVISION, namespace):
        yield used_by(((obj.get("data") or {}).get("spec") or {}).get("template") or {})
    for pod in cluster.list(POD, namespace):
        yield used_by(pod)


def _applied(meta: Obj) -> float:
    text = (meta.get("annotations") or {}).get(APPLIED) or meta.get("creationTimestamp") or ""
    try:
        return datetime.strptime(text, TIME).replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return 0.0
