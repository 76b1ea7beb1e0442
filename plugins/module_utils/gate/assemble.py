# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A gate put together from the module's options."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ..clock import Clock
from ..cluster import Cluster
from ..slots.gate import open_hand, parse_gate_switch
from ..traffic.arguments import parse_observe, parse_split
from ..traffic.counters import open_counters
from ..traffic.kinds import open_route
from ..traffic.route import RouteSpec
from .bad_pod import Replacement
from .canary_options import analysed, parse_canary, scoring
from .carried import carried
from .check import Check
from .faults import Faults
from .gate import Gate
from .judges.kinds import open_judges
from .loop import Loop
from .options import (
    namespace_of,
    parse_all_checks,
    parse_errors,
    parse_gate_route,
    parse_groups,
    parse_pause_timeout,
    parse_policy,
    parse_timing,
    parse_warm_up,
)
from .pause import Pause
from .report import Reporter, Say
from .sight import Sight
from .source_options import parse_endpoint, parse_timeout
from .sources.kinds import open_remote
from .sources.pods import pods_source
from .sources.prometheus import PrometheusSource
from .sources.source import Source
from .stop import Stop
from .subject import PodGroup, Subject
from .suggest import OptionError, nearest
from .switch import RouteSwitch
from .watched import Watched
from .workers import Workers

Connect = Callable[[], Cluster]


def open_gate(params: Mapping[str, Any], connect: Connect, clock: Clock, say: Say, stop: Stop) -> Gate:
    """Raises OptionError, TrafficError, ClusterError, SourceError; nothing has been changed then.

    The cluster is connected to only if something needs it: a route, a subject, or the pods as source.
    """
    switch = parse_gate_switch(params)
    route = switch.route if switch else parse_gate_route(params)
    groups = parse_groups(params, route)
    timing, policy = parse_timing(params), parse_policy(params)
    checks: Sequence[Check] = parse_all_checks(params, groups, route)
    canary = parse_canary(params, checks)
    checks = analysed(checks, canary)
    errors, replaces = parse_errors(params), params["on_bad_pod"] == "replace"
    if replaces:
        errors = replace(errors, alpha=errors.alpha / 2)  # for each of two attempts
    _known_arms(checks, groups)
    workers = Workers()
    cluster = connect() if route or groups or params["source"]["type"] == "pods" else None
    subject = Subject(cluster, groups, clock, workers=workers) if cluster and groups else None
    loop = Loop(
        watched=[Watched.of(check, policy.patience) for check in checks],
        source=open_source(params, cluster, subject, route, clock, workers),
        judge=open_judges(checks, errors),
        timing=timing,
        policy=policy,
        clock=clock,
        reporter=Reporter(say),
        stop=stop,
        faults=Faults(subject, {check.arm for check in checks}, clock) if subject else None,
        score=scoring(canary),
        pause=Pause(clock, parse_pause_timeout(params), returns=params.get("on_pause") == "return"),
        warm_up=parse_warm_up(params),
    )
    if replaces:
        if cluster is None or subject is None:
            raise OptionError("on_bad_pod is 'replace', but nothing says which pods. Give subject, or leave it out.")
        loop.bad_pod = Replacement(cluster, partial(open_judges, checks, errors))
    before = carried(params["evidence_since"], params["evidence_config"], checks, errors)
    loop.config = before.config
    loop.notes += [before.note] if before.note else []
    gone = max(0.0, clock.wall() - before.since) if before.since is not None else 0.0
    if look_back(loop.source, checks, params["history"] + gone):
        loop.since = before.since
    if subject and (params.get("split") or params.get("slot")) and isinstance(loop.source, PrometheusSource):
        loop.sight = Sight(subject, loop.source.scraped)
    if switch and cluster:
        hand = open_hand(params, cluster, clock)
        loop.hold = hand.hold
        return Gate(loop, hand)
    return Gate(loop, _switch(params, cluster, route, clock) if cluster and route else None)


def look_back(source: Source, checks: Sequence[Check], seconds: float) -> bool:
    """Let the first reading bring what was so long before, if it can and any check has a use for it."""
    if not isinstance(source, PrometheusSource) or not any(check.baseline for check in checks):
        return False
    source.lookback = max(source.lookback, seconds)
    return True


def _known_arms(checks: Sequence[Check], groups: Sequence[PodGroup]) -> None:
    arms = [group.name for group in groups]
    for number, check in enumerate(checks):
        if arms and check.arm not in arms:
            raise OptionError(
                f"checks[{number}].arm is '{check.arm}', which subject does not have.{nearest(check.arm, arms)}"
            )


def open_source(
    params: Mapping[str, Any],
    cluster: Cluster | None,
    subject: Subject | None,
    route: RouteSpec | None,
    clock: Clock,
    workers: Workers,
) -> Source:
    options = params["source"]
    if options["type"] != "pods" or cluster is None:
        return open_remote(options, partial(_births, subject) if subject else dict, clock, workers)
    groups: Sequence[PodGroup] = ()
    if options.get("selector"):
        namespace = options.get("namespace") or namespace_of(params, route)
        groups, subject = [PodGroup("", namespace, options["selector"])], None
    elif subject is None:
        raise OptionError(
            "source.type is pods, but nothing says which pods. Give subject, such as "
            "{canary: 'app=shop,version=canary'}, or source.selector."
        )
    endpoint = parse_endpoint(options)
    timeout = parse_timeout(options)
    return pods_source(cluster, groups, clock, endpoint=endpoint, timeout=timeout, subject=subject, workers=workers)


def _births(subject: Subject) -> dict[str, float]:
    """When the pods' processes started, for a source that cannot see it."""
    return {pod.name: pod.started for pod in subject.pods() if pod.started is not None}


def _switch(params: Mapping[str, Any], cluster: Cluster, route: RouteSpec, clock: Clock) -> RouteSwitch:
    observe = parse_observe(params)
    return RouteSwitch(
        route=open_route(cluster, route),
        split=parse_split(params),
        on_fail=parse_split(params, field="on_fail"),
        clock=clock,
        counters=partial(open_counters, cluster, route, observe, clock) if observe else None,
        observe_timeout=params["observe_timeout"],
    )
