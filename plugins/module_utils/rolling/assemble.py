# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A rollout, or a way back, put together from the module's options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..clock import Clock
from ..cluster import Cluster
from ..gate.assemble import look_back, open_source
from ..gate.check import Check, Gauge
from ..gate.judges.kinds import open_judges
from ..gate.loop import Loop
from ..gate.marks import Marks
from ..gate.options import (
    parse_all_checks,
    parse_errors,
    parse_pause_timeout,
    parse_policy,
    parse_timing,
    parse_warm_up,
)
from ..gate.pause import Pause
from ..gate.report import Reporter, Say
from ..gate.source_options import SERVICES
from ..gate.sources.source import Source
from ..gate.stop import Stop
from ..gate.suggest import OptionError
from ..gate.watched import Watched
from ..gate.workers import Workers
from ..labels import join_labels, match_labels
from ..workload.kinds import workload_of
from ..workload.snapshot import Snapshot, take
from .arms import ARM, ByRevision, Nothing, Revisions
from .former import PINNED, RELEASE, Former, NoFormer, digest, former_of, noted
from .options import parse_expectation, parse_pace
from .pace import pace_fields
from .roll import Roll
from .service import Behind
from .undo import Undo
from .watch import RollFaults, Watch
from .writer import Goal, Writer


def open_roll(params: Mapping[str, Any], cluster: Cluster, clock: Clock, say: Say, stop: Stop) -> Roll:
    """Raises OptionError, NoFormer, NoDeployment, ClusterError, SourceError; nothing has been changed then."""
    for name in ("container", "image"):
        if not params.get(name):
            raise OptionError(f"{name} is missing; a rollout needs the container that gets the image, and the image.")
    expected, pace = parse_expectation(params), parse_pace(params)
    snapshot = take(cluster, params["namespace"], params["name"], params["kind"])
    goal = Goal(
        container=params["container"],
        image=params["image"],
        release=params.get("release") or params["image"],
        pace=pace_fields(snapshot.workload, pace),
        template=params.get("template") or {},
    )
    writer = Writer(cluster, params["kind"], params["namespace"], params["name"], clock)
    if params.get("former"):
        former = Former.parse(params["former"])
    else:
        former = read_former(snapshot, params["container"])
        if digest(writer.filled(snapshot.workload, goal)) == former.digest:
            former = _before(snapshot, former)
    watch = Watch(cluster, expected, clock, say)
    if params["service"]:
        watch.behind = Behind(cluster, params["namespace"], params["service"], clock)
    subject, loop = open_loop(params, cluster, snapshot, clock, say, stop)
    loop.faults, loop.hold = RollFaults(subject, watch), watch.hold
    undo = Undo(cluster, writer, former, expected, clock, say)
    marks = Marks.of(params, lambda: cluster)
    if loop.pause is not None:
        loop.pause.begin, loop.pause.answer = marks.paused, marks.answer
    return Roll(cluster, loop, writer, watch, subject, goal, former, undo, marks)


def open_undo(params: Mapping[str, Any], cluster: Cluster, clock: Clock, say: Say) -> Undo:
    """Back to `former`, or to what the workload says that it was before. Raises as open_roll."""
    expected = parse_expectation(params)
    snapshot = take(cluster, params["namespace"], params["name"], params["kind"])
    former = Former.parse(params["former"]) if params.get("former") else noted(snapshot.workload)
    writer = Writer(cluster, params["kind"], params["namespace"], params["name"], clock)
    return Undo(cluster, writer, former, expected, clock, say)


def open_loop(
    params: Mapping[str, Any], cluster: Cluster, snapshot: Snapshot, clock: Clock, say: Say, stop: Stop
) -> tuple[Revisions, Loop]:
    """The gate over old and new pods. Raises OptionError, SourceError."""
    workers = Workers()
    obj = snapshot.workload
    selector = join_labels(match_labels(obj))
    subject = Revisions(cluster, workload_of(obj), obj, clock, selector=selector, workers=workers)
    # A pod that ends while the rollout goes on is the rollout's to judge; see RollFaults.
    policy = replace(parse_policy(params), pods_fail=True)
    checks = _checks(params, subject)
    source = _source(params, cluster, subject, clock, workers)
    if isinstance(source, ByRevision):
        look_back(source.inner, checks, params["history"])
    loop = Loop(
        watched=[Watched.of(check, policy.patience) for check in checks],
        source=source,
        judge=open_judges(checks, parse_errors(params)),
        timing=parse_timing(params),
        policy=policy,
        clock=clock,
        reporter=Reporter(say),
        stop=stop,
        pause=Pause(clock, parse_pause_timeout(params)),
        warm_up=parse_warm_up(params),
    )
    return subject, loop


def _checks(params: Mapping[str, Any], subject: Revisions) -> Sequence[Check]:
    if params["subject"]:
        raise OptionError("subject is given, but the arms follow from the revisions of the pods. Leave it out.")
    if not params["checks"]:
        return ()
    if not params.get("source"):
        raise OptionError("checks are given without a source of measurements. Add source, such as {type: pods}.")
    kind = params["source"]["type"]
    if kind in SERVICES:
        raise OptionError(
            f"source.type is '{kind}', which does not know which pods are new. Use pods, prometheus or google."
        )
    checks = parse_all_checks({**params, "subject": {}}, list(subject.groups), None)
    for number, check in enumerate(checks):
        if isinstance(check.measure, Gauge) and ARM in check.measure.expression:
            raise OptionError(
                f"checks[{number}].query cannot ask for one of the arms: a metrics server does not know which pods are "
                "new. Use bad and all, or gauge, with selectors."
            )
    return checks


def _source(params: Mapping[str, Any], cluster: Cluster, subject: Revisions, clock: Clock, workers: Workers) -> Source:
    if not params["checks"]:
        return Nothing(clock)
    inner = open_source(params, cluster, subject, None, clock, workers)
    return ByRevision(inner, subject, params["source"].get("pod_label") or "pod")


def read_former(snapshot: Snapshot, container: str) -> Former:
    """What there is now, its release by the name that people know, if it still is that image."""
    obj = snapshot.workload
    images = [one["image"] for one in obj["spec"]["template"]["spec"]["containers"] if one["name"] == container]
    if not images:
        raise OptionError(f"container is '{container}', which {obj['kind']} {obj['metadata']['name']} does not have.")
    notes = obj["metadata"].get("annotations") or {}
    release = notes.get(RELEASE, "") if notes.get(PINNED) == images[0] else ""
    return former_of(snapshot, images[0], release or images[0])


def _before(snapshot: Snapshot, now: Former) -> Former:
    """Where the release has been given already: what was noted then, and else there is nothing to go back to."""
    try:
        return replace(noted(snapshot.workload), pace=now.pace)
    except NoFormer:
        return now
