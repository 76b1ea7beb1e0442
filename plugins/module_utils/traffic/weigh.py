# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the module canary_weight does, from options to result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..clock import Clock
from ..cluster import Cluster, ClusterError
from .apply import SplitChange, apply_split, check_names
from .arguments import ObserveOptions, parse_observe, parse_route, parse_split
from .errors import TrafficError, from_cluster
from .kinds import open_route
from .route import Route
from .split import Split

WRITE_SECONDS = 30.0  # for the write with all its retries, and for pods to become ready


def weigh(cluster: Cluster, params: Mapping[str, Any], clock: Clock, *, check_mode: bool) -> dict[str, Any]:
    """Set (or, without `split`, read) the split. The result is that of the module; raises TrafficError."""
    spec = parse_route(params)
    split = parse_split(params)
    options = parse_observe(params)
    route = open_route(cluster, spec)
    if split is None:
        return _read(route)
    check_names(route, split)
    change = apply_split(route, split, check_mode=check_mode, clock=clock, deadline=clock.monotonic() + WRITE_SECONDS)
    result = _result(route, change, check_mode)
    if options is None or check_mode:
        return result
    try:
        observation = _observe(cluster, route, change, options, clock)
    except TrafficError as error:
        raise error.enriched(result) from error
    except ClusterError as error:
        done = f"{spec.describe()} is at {change.after.describe()}, but could not be observed."
        raise from_cluster(error, done).enriched(result) from error
    return result | {"observation": observation}


def _read(route: Route) -> dict[str, Any]:
    try:
        split = route.read().split
    except ClusterError as error:
        raise from_cluster(error, f"{route.spec.describe()} could not be read.") from error
    return _splits(route, False, split, split) | {"msg": f"{route.spec.describe()} is at {split.describe()}."}


def _result(route: Route, change: SplitChange, check_mode: bool) -> dict[str, Any]:
    verb = ("would be at" if check_mode else "is now at") if change.changed else "already was at"
    said = f"{route.spec.describe()} {verb} {change.after.describe()}."
    result = _splits(route, change.changed, change.before, change.after)
    return result | {"attempts": change.attempts, "note": change.note, "msg": f"{said} {change.note}".strip()}


def _splits(route: Route, changed: bool, before: Split, after: Split) -> dict[str, Any]:
    header = route.spec.describe()
    return {
        "changed": changed,
        "before": before.as_dict(),
        "after": after.as_dict(),
        "route": route.spec.as_dict(),
        "diff": {
            "before_header": header,
            "after_header": header,
            "before": _lines(before),
            "after": _lines(after),
        },
    }


def _lines(split: Split) -> str:
    return "".join(f"{name}: {weight}\n" for name, weight in split)


def _observe(
    cluster: Cluster, route: Route, change: SplitChange, options: ObserveOptions, clock: Clock
) -> dict[str, Any]:
    # Only here, so that a switch that is not observed starts without what reads metrics.
    from .counters import open_counters
    from .observe import observe

    counters = open_counters(cluster, route.spec, options, clock)
    seen = observe(route, change.before, change.after, counters, clock=clock, timeout=options.timeout)
    return seen.as_dict()
