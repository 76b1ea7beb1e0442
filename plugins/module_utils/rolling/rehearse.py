# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What would be done, asked of the API server as a dry run."""

from __future__ import annotations

from typing import Any

from ..cluster import Obj
from ..workload.snapshot import template
from .former import digest, find_template
from .pace import FIELDS
from .roll import Roll
from .undo import Undo
from .writer import to_operations


def rehearse_roll(roll: Roll) -> dict[str, Any]:
    """Raises Foreign, ClusterError."""
    written = roll.writer.roll(roll.goal, roll.former, dry_run=True)
    changed = bool(to_operations(written.before, {"template": template(written.after), "spec": roll.goal.pace}))
    where = f"{roll.writer.kind} {roll.writer.namespace}/{roll.writer.name}"
    told = f"would give {roll.goal.release} to {where}" if changed else f"{where} has {roll.goal.release} already"
    diff = {"before": _text(written.before), "after": _text(written.after)}
    return {"changed": changed, "msg": told, "reason": told, "undone": None, "diff": diff}


def rehearse_undo(undo: Undo) -> dict[str, Any]:
    """Raises NoFormer, ClusterError."""
    obj = undo.writer.read()
    wanted = find_template(undo.cluster, obj, undo.former)
    changed = digest(template(obj)) != undo.former.digest
    told = f"would put back {undo.former.title}" if changed else "it is as before already"
    after = {**obj, "spec": {**obj["spec"], "template": wanted}}
    diff = {"before": _text(obj), "after": _text(after)}
    return {"changed": changed, "msg": told, "reason": told, "undone": None, "diff": diff}


def _text(obj: Obj) -> str:
    """What a rollout may change."""
    spec = obj["spec"]
    images = {one["name"]: one.get("image") for one in spec["template"]["spec"]["containers"]}
    field = FIELDS[obj["kind"]]
    shown = {"images": images, field: spec.get(field), "minReadySeconds": spec.get("minReadySeconds", 0)}
    import yaml  # a module has to load without it, too

    return str(yaml.safe_dump(shown, sort_keys=True))
