# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Change fields of an object that is there, unless somebody else changes it at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..cluster import (
    CONFIG_MAP,
    DAEMON_SET,
    DEPLOYMENT,
    GRPC_ROUTE,
    HPA,
    HTTP_ROUTE,
    MERGE_PATCH,
    SERVICE,
    STATEFUL_SET,
    STRATEGIC_PATCH,
    VIRTUAL_SERVICE,
    Cluster,
    ClusterError,
    Conflict,
    Kind,
    NotFound,
    Obj,
)

KINDS: Mapping[str, Kind] = {
    kind.kind: kind
    for kind in (
        CONFIG_MAP,
        DAEMON_SET,
        DEPLOYMENT,
        GRPC_ROUTE,
        HPA,
        HTTP_ROUTE,
        SERVICE,
        STATEFUL_SET,
        VIRTUAL_SERVICE,
    )
}
# Custom resources have no strategic merge: lists are replaced as a whole.
_CUSTOM = (GRPC_ROUTE, HTTP_ROUTE, VIRTUAL_SERVICE)
_TRIES = 10
# What the server writes by itself.
_NOISE = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid")


@dataclass(frozen=True, slots=True)
class Patched:
    """The object before and after."""

    before: Obj
    after: Obj

    @property
    def changed(self) -> bool:
        return quiet(self.before) != quiet(self.after)

    def diff(self) -> dict[str, str]:
        return {"before": _text(self.before), "after": _text(self.after)}


def patch(
    cluster: Cluster, kind: str, namespace: str, name: str, definition: Mapping[str, Any], *, dry_run: bool = False
) -> Patched:
    """Merge `definition` into the object: as kubectl does for built-in kinds, as RFC 7386 says for others.

    A text that stands where the object has a number or a truth value is read as one: templates make texts. Raises
    ClusterError, also when the object is not there.
    """
    there = KINDS[kind]
    content_type = MERGE_PATCH if there in _CUSTOM else STRATEGIC_PATCH
    for left in reversed(range(_TRIES)):
        try:
            before = cluster.get(there, namespace, name)
        except NotFound as error:
            raise ClusterError(f"There is no {kind} '{name}' in namespace '{namespace}'. Correct the name.") from error
        body = _typed(definition, before)
        body["metadata"] = {**body.get("metadata", {}), "resourceVersion": before["metadata"]["resourceVersion"]}
        try:
            after = cluster.patch(there, namespace, name, body, content_type=content_type, dry_run=dry_run)
        except Conflict:
            if not left:
                raise
            continue
        return Patched(before, after)
    raise AssertionError("unreachable")


def quiet(obj: Obj) -> Obj:
    """What somebody has declared, without status and the server's own notes."""
    meta = {key: value for key, value in obj.get("metadata", {}).items() if key not in _NOISE}
    return {**{key: value for key, value in obj.items() if key != "status"}, "metadata": meta}


def _typed(wanted: Any, there: Any) -> Any:
    if isinstance(wanted, Mapping):
        known = there if isinstance(there, Mapping) else {}
        return {key: _typed(value, known.get(key)) for key, value in wanted.items()}
    if isinstance(wanted, str) and isinstance(there, bool) and wanted.lower() in ("true", "false"):
        return wanted.lower() == "true"
    if isinstance(wanted, str) and isinstance(there, int) and wanted.lstrip("-").isdecimal():
        return int(wanted)
    return wanted


def _text(obj: Obj) -> str:
    import yaml  # a module has to load without it, too

    return yaml.safe_dump(quiet(obj), sort_keys=True, allow_unicode=True)
