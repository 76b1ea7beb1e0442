# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the tasks of a blue-green release need to know, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..cluster import Obj
from ..labels import join_labels
from ..preflight.facts import FORMER_IMAGE, FORMER_RELEASE, PINNED, RELEASE, stable_of, version_of
from ..preflight.images import same_release
from ..preflight.scaling import autoscaler_of
from ..preflight.wish import Wish
from ..preflight.workloads import replicas_of
from ..registry.image import short_name
from .look import SlotView
from .problems import COPY, Policy
from .template import Difference, copied

# Kept on both slots: what a slot ran before it got another release; and what is there to go back to.
ROLLBACK_IMAGE = "slipway.rollout/rollback-image"


def facts_of(
    wish: Wish, seen: SlotView, policy: Policy, params: Mapping[str, Any], pinned: str, found: Sequence[Difference]
) -> dict[str, Any]:
    """Empty where a Deployment is missing. `idle.definition` is what the idle Deployment gets."""
    live, idle = seen.view.stable, seen.view.canary
    if live is None or idle is None:
        return {}
    selectors = {slot: join_labels(labels) for slot, (_namespace, labels) in seen.selectors.items()}
    mine = stable_of(wish, seen.view, live) | {"slot": seen.slot_live, "selector": selectors[seen.slot_live]}
    theirs = version_of(wish, idle) | {"slot": seen.slot_idle, "selector": selectors[seen.slot_idle]}
    size = max(replicas_of(live), mine["hpa"]["floor"] if mine["hpa"] else 1)
    own = autoscaler_of(seen.view, wish.canary)
    title = short_name(str(wish.image)) if wish.image else ""
    return {
        "namespace": wish.namespace,
        "image": pinned,
        "release": str(wish.image) if wish.image else "",
        "title": title,
        "already_live": same_release(pinned, mine["image"]),
        "live": mine,
        "idle": theirs | {"has_hpa": own is not None, "annotations": _kept(idle)},
        "size": size,
        "keep": policy.keep,
        "hpa_follows": bool(mine["hpa"]) and policy.hpa_follows and own is None,
        "switch": {key: value for key, value in params["switch"].items() if value is not None},
        "subject": {"stable": mine["selector"], "canary": theirs["selector"]},
        "definition": _definition(wish, theirs, idle, policy, pinned, size, found),
    }


def _definition(
    wish: Wish,
    theirs: Mapping[str, Any],
    idle: Obj,
    policy: Policy,
    pinned: str,
    size: int,
    found: Sequence[Difference],
) -> dict[str, Any]:
    """A strategic merge patch: the release at full size, and the live slot's template where that is to be copied."""
    container = {"name": theirs["container"], "image": pinned}
    template: Obj = {"spec": {"containers": [container]}}
    if found and policy.differences == COPY:
        template = copied(idle, found)
        for one in template["spec"]["containers"]:
            if one["name"] == container["name"]:
                one["image"] = pinned
        template = {"$patch": "replace", **template}
    annotations = {RELEASE: str(wish.image) if wish.image else "", PINNED: pinned, ROLLBACK_IMAGE: theirs["image"]}
    return {"metadata": {"annotations": annotations}, "spec": {"replicas": size, "template": template}}


def _kept(deployment: Obj) -> dict[str, str | None]:
    """What it notes of its release now, to be put back with it; None removes."""
    there = deployment["metadata"].get("annotations") or {}
    return {key: there.get(key) for key in (RELEASE, PINNED, FORMER_IMAGE, FORMER_RELEASE, ROLLBACK_IMAGE)}
