# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every verb that a configuration needs, so that it is not found out half way that one is missing."""

from __future__ import annotations

from ..cluster import CONFIG_MAP, DAEMON_SET, DEPLOYMENT, POD, REPLICA_SET, SECRET, STATEFUL_SET, Kind
from ..preflight.permissions import Permission, verbs
from ..workload.patch import KINDS
from .options import Wish

REVISION = Kind("apps", "v1", "controllerrevisions", "ControllerRevision")
# What refers to configurations by its pod template.
WORKLOADS = (DEPLOYMENT, STATEFUL_SET, DAEMON_SET, REPLICA_SET)


def to_apply(wish: Wish) -> list[Permission]:
    """Without names there is nothing secret, and no Secret."""
    own = wish.namespace
    kinds = dict.fromkeys(KINDS.get(kind, DEPLOYMENT) for kind, _name in wish.workloads)
    return [
        *verbs(own, CONFIG_MAP, "create", "get", "patch"),
        *(verbs(own, SECRET, "create", "get", "patch") if wish.sources else ()),
        *(Permission("get", kind, own) for kind in kinds),
    ]


def to_clear(namespace: str) -> list[Permission]:
    """Former ones are looked for wherever something may still use them, and deleted."""
    return [
        *verbs(namespace, CONFIG_MAP, "delete", "get", "list"),
        *verbs(namespace, SECRET, "delete", "list"),
        *(Permission("list", kind, namespace) for kind in (*WORKLOADS, REVISION, POD)),
    ]
