# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the tasks of a blue-green release need to know, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..cluster import Obj
from ..configuration.overlay import laid_on, released
from ..configuration.template import backward
from ..labels import join_labels
from ..preflight.facts import FORMER_IMAGE, FORMER_RELEASE, PINNED, RELEASE, has_release, stable_of, version_of
from ..preflight.scaling import autoscaler_of
from ..preflight.wish import Wish
from ..preflight.workloads import replicas_of
from ..registry.image import short_name
from .look import SlotView
from .problems import COPY, Policy
from .template import Difference, copied, without_patch

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
    mine["template"], theirs["template"] = (_former(one, params) for one in (live, idle))
    size = max(replicas_of(live), mine["hpa"]["floor"] if mine["hpa"] else 1)
    own = autoscaler_of(seen.view, wish.canary)
    title = short_name(str(wish.image)) if wish.image else ""
    return {
        "namespace": wish.namespace,
        "image": pinned,
        "release": str(wish.image) if wish.image else "",
        "title": title,
        "already_live": has_release(wish, live, pinned),
        "live": mine,
        "idle": theirs | {"has_hpa": own is not None, "annotations": _kept(idle)},
        "size": size,
        "keep": policy.keep,
        "hpa_follows": bool(mine["hpa"]) and policy.hpa_follows and own is None,
        "switch": {key: value for key, value in params["switch"].items() if value is not None},
        "subject": {"stable": mine["selector"], "canary": theirs["selector"]},
        "definition": _definition(wish, theirs, idle, policy, params, pinned, size, found),
    }


def _definition(
    wish: Wish,
    theirs: Mapping[str, Any],
    idle: Obj,
    policy: Policy,
    params: Mapping[str, Any],
    pinned: str,
    size: int,
    found: Sequence[Difference],
) -> dict[str, Any]:
    """A strategic merge patch: the release at full size, and the live slot's template where that is to be copied."""
    name = theirs["container"]
    template: Obj = released(params["template"], name, pinned)
    if found and policy.differences == COPY:
        bare = without_patch(idle, params["template"], name)
        template = {"$patch": "replace", **laid_on(copied(bare, found), template, name)}
    annotations = {RELEASE: str(wish.image) if wish.image else "", PINNED: pinned, ROLLBACK_IMAGE: theirs["image"]}
    return {"metadata": {"annotations": annotations}, "spec": {"replicas": size, "template": template}}


def _former(deployment: Obj, params: Mapping[str, Any]) -> dict[str, Any]:
    """What gives this slot the configuration that it has now, whatever it has by then."""
    template: Obj = deployment["spec"]["template"]
    return backward(params["template"], template) if params["template"] else {}


def _kept(deployment: Obj) -> dict[str, str | None]:
    """What it notes of its release now, to be put back with it; None removes."""
    there = deployment["metadata"].get("annotations") or {}
    return {key: there.get(key) for key in (RELEASE, PINNED, FORMER_IMAGE, FORMER_RELEASE, ROLLBACK_IMAGE)}
