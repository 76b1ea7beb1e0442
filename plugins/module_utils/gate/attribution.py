# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What carries the failures: a few pods of many, a node, a path, a status.

One bad pod among healthy ones is another decision than a bad release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .check import Check, Events
from .evidence import add
from .judges.judge import Opinion
from .judges.threshold import tail
from .subject import Pod
from .tally import Counts
from .text import percent

# Of so many failures one may say that they are those of something.
MOST = 0.8
# And only if so many of them there are no chance: the tail of the binomial distribution.
CHANCE = 0.001
# Others are healthy if what they show is at least as probable as this where all is right.
USUAL = 0.05
# What has more than this of all requests has most of the failures as a matter of course.
COMMON = 0.5
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Attribution:
    """`bad_pods` are the few that are worse than the others, which are healthy; empty where it is not so."""

    said: str
    bad_pods: tuple[str, ...] = ()
    counts: Mapping[str, Mapping[str, Events]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        counts = {
            name: {value: {"bad": events.bad, "total": events.total} for value, events in found.items()}
            for name, found in self.counts.items()
        }
        return {"said": self.said, "bad_pods": list(self.bad_pods), **counts}


def attribute(
    check: Check, opinion: Opinion, pods: Counts, labels: Mapping[str, Counts], seen: Mapping[str, Pod]
) -> Attribution | None:
    """None where nothing bad was counted. `pods` are events by pod, `seen` what is known of pods by name."""
    every = add(pods.values())
    if every.bad <= 0:
        return None
    places = {
        "nodes": _by(pods, {name: pod.node for name, pod in seen.items()}),
        "zones": _by(pods, {name: pod.zone for name, pod in seen.items()}),
    }
    bad = _outliers(pods, every, _right(check, opinion))
    said = [_said_of_pods(bad, pods, every, check.arm, seen)]
    if not bad:
        said += [_said_of(name[:-1], found, every) for name, found in places.items()]
    said += [_said_of(name, found, every) for name, found in labels.items()]
    counts = {"pods": pods, **places, **labels}
    shown = {name: dict(sorted(found.items(), key=_worst)[:_SHOWN]) for name, found in counts.items() if found}
    return Attribution("; ".join(filter(None, said)), bad, shown)


def _right(check: Check, opinion: Opinion) -> float:
    """The share of bad events of a pod that is called healthy."""
    baseline = opinion.assessment.baseline if opinion.assessment is not None else None
    if check.judge in ("sequential", "latency") and baseline is not None and baseline.total:
        return baseline.rate * check.margins.promote_ratio
    return check.limit


def _outliers(pods: Counts, every: Events, right: float) -> tuple[str, ...]:
    """The fewest pods, at most half of them, without which the rest is as it should be."""
    order = sorted(pods, key=lambda name: -pods[name].rate)
    for count in range(1, len(order) // 2 + 1):
        theirs, rest = (add(pods[name] for name in part) for part in (order[:count], order[count:]))
        healthy = _are_healthy([pods[name] for name in order[count:]], rest, right)
        if rest.total > 0 and healthy and theirs.bad >= MOST * every.bad and _is_no_chance(theirs, every):
            return tuple(order[:count])
    return ()


def _are_healthy(pods: Sequence[Events], rest: Events, right: float) -> bool:
    """Of a few requests one failure is a large share, and yet no sign of anything."""
    alike = all(tail(one.bad, one.total, right) >= CHANCE for one in pods)
    return rest.rate <= right or (alike and tail(rest.bad, rest.total, right) >= USUAL)


def _is_no_chance(part: Events, every: Events) -> bool:
    return part.total < every.total and tail(part.bad, every.bad, part.total / every.total) < CHANCE


def _said_of_pods(bad: Sequence[str], pods: Counts, every: Events, arm: str, seen: Mapping[str, Pod]) -> str:
    """`2 of 3 pods of canary are healthy; pod x on node y has 98 % of the failures`."""
    if len(pods) < 2:
        return ""
    if not bad:
        most = max(pods, key=lambda name: pods[name].bad)
        if pods[most].bad >= MOST * every.bad and not _is_no_chance(pods[most], every):
            share = percent(pods[most].bad / every.bad)
            return f"{_named([most], seen)} {share} of the failures, too few to exclude chance"
        return f"all {len(pods)} pods of {arm} have a part in it" if all(one.bad for one in pods.values()) else ""
    healthy = len(pods) - len(bad)
    share = percent(add(pods[name] for name in bad).bad / every.bad)
    return f"{healthy} of {len(pods)} pods of {arm} are healthy; {_named(bad, seen)} {share} of the failures"


def _named(bad: Sequence[str], seen: Mapping[str, Pod]) -> str:
    nodes = {seen[name].node if name in seen else "" for name in bad}
    node = nodes.pop() if len(nodes) == 1 else ""
    if len(bad) == 1:
        return f"pod {bad[0]} on node {node} has" if node else f"pod {bad[0]} has"
    names = f"pods {', '.join(bad[:-1])} and {bad[-1]}"
    return f"{names}, all on node {node}, have" if node else f"{names} have"


def _said_of(name: str, found: Counts, every: Events) -> str:
    """`98 % of the failures have path /v1/x, which is 12 % of the requests`; "" where it says nothing."""
    if not found:
        return ""
    value, events = min(found.items(), key=_worst)
    total = add(found.values()).total
    common = events.total > COMMON * total
    if events.bad < MOST * every.bad or (common and name != "status") or (len(found) < 2 and name != "status"):
        return ""
    share = percent(min(1.0, events.bad / every.bad))
    whole = f", which is {percent(events.total / total)} of the requests" if total > 0 and name != "status" else ""
    return f"{share} of the failures have {name} {value}{whole}"


def _by(pods: Counts, place: Mapping[str, str]) -> Counts:
    """Events by where their pods are, as far as that is known of all of them."""
    found: Counts = {}
    for name, events in pods.items():
        if not place.get(name):
            return {}
        found[place[name]] = add((found.get(place[name], Events(0.0, 0.0)), events))
    return found


def _worst(item: tuple[str, Events]) -> tuple[float, str]:
    return -item[1].bad, item[0]
