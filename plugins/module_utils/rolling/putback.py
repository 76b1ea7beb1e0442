# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The former template put back when the run that had to do it is gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..clock import Clock
from ..cluster import Cluster, ClusterError
from ..gate.report import silent
from ..workload.waiting import Expectation
from .former import Former, NoFormer
from .undo import Undo
from .writer import Writer


def put_back(cluster: Cluster, options: Mapping[str, Any], clock: Clock) -> str:
    """`options`: kind, name, namespace, former. A sentence on what was done; pods are not waited for.

    Raises ClusterError.
    """
    kind, namespace, name = options["kind"], options["namespace"], options["name"]
    try:
        former = Former.parse(options["former"])
    except NoFormer as error:
        raise ClusterError(str(error)) from error
    expected = Expectation(namespace, name, timeout=0.0, kind=kind)
    undo = Undo(cluster, Writer(cluster, kind, namespace, name, clock), former, expected, clock, silent)
    undone = undo.run("the run that rolled it out is gone", waiting=False)
    if undone.error or not undone.equal:
        raise ClusterError(undone.error or f"The template of {kind} {namespace}/{name} is not the former one.")
    return f"{kind} {namespace}/{name} has the template of {former.title} again."
