# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Making users safe when the run that had to do it is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..clock import Clock
from ..cluster import Cluster
from ..rolling.putback import put_back as restore_workload
from ..slots.change import put_back as switch_back
from ..traffic.weigh import weigh
from ..workload.patch import patch
from .entry import PROVEN, moment
from .ledger import Ledger

Undo = Callable[[Cluster, Mapping[str, Any], Clock], str]


def put_back(cluster: Cluster, ledger: Ledger, holder: str, clock: Clock) -> str:
    """Do what the open entry of this holder says; a sentence on what was done, "" where nothing was to be done.

    A release that has passed every gate stays where it is. Raises ClusterError, TrafficError.
    """
    entry = ledger.read().open
    if entry is None or entry.holder != holder or entry.phase == PROVEN or not entry.undo:
        return ""
    done = _UNDO[entry.undo["module"]](cluster, entry.undo.get("options") or {}, clock)
    note = f"cut off; users were put back at {moment(clock.wall())}"
    ledger.update(lambda one: one.noted(note))
    return done


def _canary_weight(cluster: Cluster, options: Mapping[str, Any], clock: Clock) -> str:
    return str(weigh(cluster, {"observe": False, **options}, clock, check_mode=False)["msg"])


def _patch(cluster: Cluster, options: Mapping[str, Any], _clock: Clock) -> str:
    kind, name, namespace = options["kind"], options["name"], options["namespace"]
    patch(cluster, kind, namespace, name, options["definition"])
    return f"{kind} {namespace}/{name} is as it was."


_UNDO: Mapping[str, Undo] = {
    "canary_weight": _canary_weight,
    "patch": _patch,
    "rolling_update": restore_workload,
    "slot_switch": switch_back,
}
