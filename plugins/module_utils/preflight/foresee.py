# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the gates of a rollout will find, from what the source knows of stable's last days: asked before, not after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..clock import Clock
from ..cluster import DEPLOYMENT, Cluster
from ..gate.check import Check, Counters
from ..gate.foresight.finding import Stage
from ..gate.foresight.growth import Stream
from ..gate.foresight.measured import Measured, measure
from ..gate.foresight.outlook import Outlook
from ..gate.foresight.schedule import SHARES, Schedule, Target, chances, soonest
from ..gate.foresight.spans import span
from ..gate.foresight.table import advice, table
from ..gate.judge_options import WEIGHING
from ..gate.options import GATE_SPEC, parse_all_checks, parse_errors, parse_groups, parse_timing
from ..gate.source_options import PROMQL
from ..gate.sources.kinds import open_remote
from ..gate.sources.prometheus import PrometheusSource
from ..gate.suggest import OptionError
from ..gate.text import number, percent
from ..gate.workers import Workers
from ..labels import join_labels, match_labels
from ..traffic.arguments import parse_route
from ..traffic.errors import TrafficError
from ..traffic.selectors import pod_selectors
from .metrics import about_stable, gate_options

_ARMS = ("stable", "canary")


@dataclass(frozen=True, slots=True)
class Foresight:
    """`streams` are what was measured of each check, `stages` those that are planned, one after the other."""

    streams: Mapping[str, Stream]
    outlooks: Sequence[Outlook]
    stages: Sequence[Stage]
    target: Target
    schedule: Schedule | None
    notes: Sequence[str] = field(default_factory=tuple)

    @property
    def shares(self) -> list[float]:
        return sorted({stage.share for stage in self.stages})

    def lines(self) -> list[str]:
        """For people: the table, what they must hear, and what would be best."""
        first = [one for one in self.outlooks if one.share == self.shares[0]]
        told = [f"{one.check}: {one.doubling()}." for one in first if one.stream.judge in WEIGHING]
        best = advice(self.schedule, self.target) if told else "Fixed limits find what breaks them, and no sooner."
        return [*table(self.outlooks), "", *told, *self._of_all(), best, *self.notes]

    def as_dict(self) -> dict[str, Any]:
        return {
            "outlook": [one.as_dict() for one in self.outlooks],
            "schedule": self.schedule.as_dict() if self.schedule is not None else {},
            "notes": list(self.notes),
        }

    def _of_all(self) -> Iterator[str]:
        """What all stages that are planned find together."""
        seconds = sum(stage.seconds for stage in self.stages)
        weighed = {name: one for name, one in self.streams.items() if one.judge in WEIGHING}
        found = chances(weighed, self.target.ratio, self.stages)
        told = ", ".join(f"{name} with {percent(chance)}" for name, chance in found.items())
        if told:
            yield f"All stages together, {span(seconds)}, find x{number(self.target.ratio)} of {told}."


def foresee(params: Mapping[str, Any], cluster: Cluster | None, clock: Clock) -> Foresight:
    """Raises OptionError, SourceError, ClusterError."""
    wanted, problems = gate_options(params["gate"])
    if problems:
        raise OptionError(" ".join(problem.text(params["prefix"]) for problem in problems))
    target, subject = parse_target(params), _subject(params, cluster)
    options = {name: spec.get("default") for name, spec in GATE_SPEC.items()} | wanted
    options |= {"namespace": params["namespace"], "source": params["source"]}
    checks = _parsed({**options, "checks": params["checks"], "subject": subject})
    errors = parse_errors(wanted)
    if wanted["on_bad_pod"] == "replace":
        errors = replace(errors, alpha=errors.alpha / 2)
    errors = errors.shared(sum(check.judge in WEIGHING and not check.dry_run for check in checks))
    streams, notes = {}, []
    for check, item in zip(checks, params["checks"], strict=True):
        counters = _counters(options, item, subject)
        if counters is None or check.judge == "kayenta":
            notes.append(f"{check.name}: nothing is foreseen of values, and of Kayenta's judge.")
            continue
        found = measure(_source(params, clock), counters, params["days"], wanted["history"])
        notes += _reservations(check, found)
        streams[check.name] = _stream(check, found, errors)
    stages = _stages(params["stages"], wanted)
    weighed = [one for one in streams.values() if one.judge in WEIGHING]
    outlooks = [Outlook.of(name, one, stage.share, stage.seconds) for name, one in streams.items() for stage in stages]
    shares = sorted({*SHARES, *(round(100 * stage.share) for stage in stages)})
    schedule = soonest(weighed, target, shares) if weighed else None
    return Foresight(streams, outlooks, stages, target, schedule, notes)


def parse_target(params: Mapping[str, Any]) -> Target:
    """Raises OptionError."""
    given = {name: value for name, value in params["target"].items() if value is not None}
    target = Target(**given)
    if not target.ratio > 1 or not target.guard > 1:
        raise OptionError("target.ratio and target.guard are ratios of a bad release to a healthy one, above 1.")
    if not 0 < target.probability < 1:
        raise OptionError(f"target.probability is {target.probability:g}; it is above 0 and below 1, such as 0.95.")
    if not 1 <= target.first <= 50 or target.step <= 1 or target.least <= 0:
        raise OptionError("target.first is from 1 to 50 percent, target.step above 1, target.least above 0 seconds.")
    return target


def _source(params: Mapping[str, Any], clock: Clock) -> PrometheusSource:
    """A new one for each check, since only its first reading reaches far back."""
    kind = params["source"]["type"]
    source = open_remote(params["source"], dict, clock, Workers()) if kind in PROMQL else None
    if not isinstance(source, PrometheusSource):
        raise OptionError(f"source.type is '{kind}', which keeps no history. Use prometheus.")
    return source


def _subject(params: Mapping[str, Any], cluster: Cluster | None) -> dict[str, str]:
    if params["subject"]:
        return dict(params["subject"])
    if cluster is None or not params["stable"]:
        raise OptionError("subject is not given, nor stable. Name the Deployment that serves, or its pods by labels.")
    stable = cluster.get(DEPLOYMENT, params["namespace"], params["stable"])
    own = join_labels(match_labels(stable))
    other = cluster.find(DEPLOYMENT, params["namespace"], params["canary"]) if params["canary"] else None
    canary = join_labels(match_labels(other)) if other else f"{own},slipway.rollout/arm=canary"
    return {"stable": own, "canary": canary} | _routed(params, cluster)


def _routed(params: Mapping[str, Any], cluster: Cluster) -> dict[str, str]:
    """The pods that get the route's traffic, by arm, as a rollout knows them; nothing without a route."""
    if not params.get("route"):
        return {}
    try:
        return {name: labels for name, (_namespace, labels) in pod_selectors(cluster, parse_route(params)).items()}
    except TrafficError as error:
        raise OptionError(f"route: {error}") from error


def _parsed(options: Mapping[str, Any]) -> tuple[Check, ...]:
    return parse_all_checks(options, parse_groups(options, None), None)


def _counters(options: Mapping[str, Any], item: Mapping[str, Any], subject: Mapping[str, str]) -> Counters | None:
    """What stable counts; None of a value."""
    if item.get("gauge") or item.get("query"):
        return None
    (plain,) = about_stable([item])
    asked = {**options, "checks": [plain], "subject": {"canary": subject["stable"]}, "judge": "threshold"}
    (check,) = _parsed(asked)
    return check.measure if isinstance(check.measure, Counters) else None


def _stream(check: Check, found: Measured, errors: Any) -> Stream:
    return Stream(
        judge=check.judge,
        rate=found.rate,
        base=found.base,
        dispersion=found.dispersion.value if found.dispersion is not None else 1.0,
        margins=check.margins,
        limit=check.limit,
        errors=errors,
    )


def _reservations(check: Check, found: Measured) -> Iterator[str]:
    """What makes it worse than the table has it."""
    if found.dispersion is None and check.judge in WEIGHING:
        yield (
            f"{check.name}: stable has too few bad events, or too short a history, to know how they cluster; the gate "
            "would judge minute by minute and take longer than this, at least six minutes."
        )
    if not found.bad:
        yield f"{check.name}: stable had no bad event in {number(found.total)} requests; 3 are assumed."
    if found.quiet < found.rate / 2:
        times = found.rate / found.quiet if found.quiet > 0 else float("inf")
        yield f"{check.name}: a tenth of the hours has {number(found.quiet)} requests/s or less: x{times:.2g} the time."


def _stages(weights: Sequence[int], wanted: Mapping[str, Any]) -> list[Stage]:
    timing = parse_timing(wanted)
    seconds = timing.duration if timing.duration is not None else (timing.count or 1) * timing.interval
    return [Stage(weight / 100, seconds) for weight in weights if 0 < weight < 100] or [Stage(0.5, seconds)]
