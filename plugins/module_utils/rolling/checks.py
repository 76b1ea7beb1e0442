# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks of a rolling update, asked once of the pods that are there, before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..clock import Clock
from ..cluster import Cluster, ClusterError, Forbidden
from ..gate.gate import Gate
from ..gate.options import GATE_SPEC
from ..gate.plan import plan
from ..gate.report import silent
from ..gate.sources.source import SourceError
from ..gate.stop import Stop
from ..gate.suggest import OptionError
from ..preflight.metrics import Found, about_option, about_stable, gate_options, judge_found
from ..preflight.problem import Problem
from ..workload.snapshot import Snapshot
from .assemble import open_loop
from .options import OWN


def ask_for_present(cluster: Cluster, params: Mapping[str, Any], snapshot: Snapshot, clock: Clock) -> Found:
    """Problems and notes."""
    wanted, problems = gate_options(params["gate"])
    if problems or not params["checks"]:
        return problems, []
    defaults = {name: spec.get("default") for name, spec in GATE_SPEC.items()}
    options = {**defaults, **{name: one for name, one in wanted.items() if name not in OWN}, **params}
    try:
        # First as they will be, which shows mistakes; then as if all pods were new, which shows series.
        open_loop(options, cluster, snapshot, clock, silent, Stop())
        asked = {**options, "checks": about_stable(params["checks"])}
        subject, loop = open_loop(asked, cluster, snapshot, clock, silent, Stop())
        subject.begin(())
        shown = plan(Gate(loop))["checks"]
    except OptionError as error:
        return [about_option(str(error))], []
    except SourceError as error:
        return [Problem("source", str(error))], []
    except Forbidden:
        return [], []  # told once, with all other permissions
    except ClusterError as error:
        return [Problem("source", str(error))], []
    return judge_found(params["checks"], shown)
