# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The counters that show where a route's requests go: those of the pods behind each backend."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..clock import Clock
from ..cluster import Cluster
from ..gate.selector import Selector, SelectorError
from ..gate.sources.pods import Endpoint, pods_source
from ..gate.subject import PodGroup
from .arguments import ObserveOptions
from .errors import TrafficError
from .observe import Counters
from .route import RouteSpec
from .selectors import pod_selectors


def open_counters(cluster: Cluster, spec: RouteSpec, options: ObserveOptions, clock: Clock) -> Counters | None:
    """Counters of every backend's pods; None for the kind `replicas`, whose pods are the split themselves."""
    if spec.kind == "replicas":
        return None

    def groups() -> list[PodGroup]:
        selectors = pod_selectors(cluster, spec)
        return [PodGroup(name, namespace, labels) for name, (namespace, labels) in selectors.items()]

    return counters_of(cluster, groups, options, clock)


def counters_of(
    cluster: Cluster, groups: Callable[[], Sequence[PodGroup]], options: ObserveOptions, clock: Clock
) -> Counters:
    """Counters of these pods, which are asked for once the options are right.

    Raises TrafficError `bad_observe`, ClusterError.
    """
    text = options.metric + options.matchers
    try:
        selector = Selector.parse(text)
    except SelectorError as error:
        raise TrafficError(
            "bad_observe", f"observe_metrics gives the selector {text}, which cannot be read: {error}. Correct it."
        ) from error
    endpoint = Endpoint(via=options.via, port=options.port, path=options.path)
    return Counters(pods_source(cluster, groups(), clock, endpoint=endpoint), selector, options.interval)
