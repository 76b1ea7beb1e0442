# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what pods expose to checks: which counter knows of failed requests, which histogram of slow ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..gate.exposition import Line

STATUS_LABELS = ("status", "code", "status_code", "response_code", "http_status_code", "http_response_status_code")
PATH_LABELS = ("path", "route", "handler", "uri", "url", "endpoint", "http_route", "http_target")
_STATUS = re.compile(r"[1-5](\d\d|xx)")
# What clients, runtimes and the metrics page itself count.
_FOREIGN = re.compile(
    r"^(promhttp|prometheus|go|process|python|jvm|nodejs|rest_client|otelcol|scrape)_|_client_|^client_"
)
_ENOUGH = 200  # requests that are needed to say how quick the app is today
_USUAL = 0.99  # share of requests that is quick today within the bound
DEFAULT_BOUND = 0.5
SHARE_ALLOWED = 0.05


@dataclass(frozen=True, slots=True)
class Found:
    """`checks` as in an inventory, `observe` the option `observe_metrics`; notes and questions are comments."""

    checks: tuple[Mapping[str, Any], ...] = ()
    observe: Mapping[str, Any] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counter:
    """A metric that counts requests. `path` is the label of their paths, `probes` its values that mean probes."""

    name: str
    status: str
    path: str
    probes: tuple[str, ...]
    total: float

    @property
    def without_probes(self) -> str:
        """As a matcher; "" where probes are not counted, or not told apart."""
        if not self.probes:
            return ""
        return f'{self.path}!~"{"|".join(_pattern(value) for value in self.probes)}"'


def find_checks(lines: Sequence[Line], probe_paths: Collection[str]) -> Found:
    """`probe_paths` are paths that the kubelet asks, which are no users' requests."""
    counter = _best(_counters(lines, probe_paths))
    histogram = _histogram(lines, probe_paths)
    checks: list[Mapping[str, Any]] = []
    notes: list[str] = []
    questions: list[str] = []
    if counter:
        checks.append(_errors(counter))
        notes += _about(counter, "failed requests")
    else:
        questions.append(
            "Which counter knows how many requests failed? None of the pods' metrics has a label such as status or "
            "code; were there requests since they started? "
            "Then: {name: errors, bad: 'NAME{$canary,...}', all: 'NAME{$canary}', max: 0.01}"
        )
    if histogram:
        check, note = _slow(histogram)
        checks.append(check)
        notes.append(note)
    else:
        questions.append(
            "How long do requests take? The pods expose no histogram of durations (NAME_bucket with the label le)."
        )
    names = tuple(dict.fromkeys(one.name for one in (counter, histogram and histogram.counter) if one))
    return Found(tuple(checks), _observe(counter), names, tuple(notes), tuple(questions))


def _counters(lines: Sequence[Line], probe_paths: Collection[str]) -> list[Counter]:
    names = {line.name for line in lines if line.name.endswith(("_total", "_count")) and not _FOREIGN.search(line.name)}
    buckets = {line.name.removesuffix("_bucket") for line in lines if line.name.endswith("_bucket")}
    found = []
    for name in sorted(names):
        if name.endswith("_count") and name.removesuffix("_count") not in buckets:
            continue  # of a summary or of something else; a histogram counts each request once
        mine = [line for line in lines if line.name == name]
        status = next((label for label in STATUS_LABELS if _is_status(mine, label)), "")
        if status:
            path, probes = _probes(mine, probe_paths)
            found.append(Counter(name, status, path, probes, sum(line.value for line in mine)))
    return found


def _is_status(lines: Iterable[Line], label: str) -> bool:
    values = [line.labels[label] for line in lines if label in line.labels]
    return bool(values) and all(_STATUS.fullmatch(value) for value in values)


def _probes(lines: Iterable[Line], probe_paths: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """The label of paths, and those of its values that mean a probe's path, however the app spells it."""
    wanted = {_plain(path) for path in probe_paths}
    kept = list(lines)
    for label in PATH_LABELS:
        values = {line.labels[label] for line in kept if label in line.labels}
        if values:
            return label, tuple(sorted(value for value in values if _plain(value) in wanted and _plain(value)))
    return "", ()


def _plain(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", path.partition("?")[0].lower()).strip("_")


def _best(counters: Sequence[Counter]) -> Counter | None:
    """The one that is named for requests, tells probes apart where they are counted, and has the well-known name."""

    def rank(counter: Counter) -> tuple[bool, bool, bool, float]:
        requests = "request" in counter.name
        return requests, bool(counter.probes), counter.name == "http_requests_total", counter.total

    return max(counters, key=rank, default=None)


def _errors(counter: Counter) -> dict[str, Any]:
    extra = counter.without_probes
    if counter.name == "http_requests_total" and counter.status == "status" and not extra:
        return {"name": "errors", "template": "error_rate", "metrics": "app", "max": 0.01}
    every = ",".join(filter(None, ("$canary", extra)))
    bad = f'{counter.name}{{{every},{counter.status}=~"5.."}}'
    return {"name": "errors", "bad": bad, "all": f"{counter.name}{{{every}}}", "max": 0.01}


def _about(counter: Counter, what: str) -> list[str]:
    notes = [f"{what}: by {counter.name} and its label {counter.status}"]
    if counter.probes:
        notes.append(f"probes are counted there too and left out: {counter.path} {', '.join(counter.probes)}")
    return notes


def _observe(counter: Counter | None) -> dict[str, Any]:
    if counter is None:
        return {}
    matchers = f"{{{counter.without_probes}}}"
    return {
        "metric": counter.name,
        "matchers": matchers if counter.probes else '{path!~"/health.*"}' if counter.path == "path" else "{}",
    }


@dataclass(frozen=True, slots=True)
class Histogram:
    """`buckets` are (bound as exposed, bound in seconds, requests not slower); `scale` is units per second."""

    base: str
    counter: Counter
    scale: float
    buckets: tuple[tuple[str, float, float], ...]

    @property
    def total(self) -> float:
        return self.buckets[-1][2]


def _histogram(lines: Sequence[Line], probe_paths: Collection[str]) -> Histogram | None:
    names = {line.name for line in lines if line.name.endswith("_bucket") and not _FOREIGN.search(line.name)}
    timed = [
        name
        for name in names
        if re.search(r"duration|latency|seconds|millis", name) and not re.search(r"size|bytes", name)
    ]
    found = [_read(name, lines, probe_paths) for name in sorted(timed)]
    return max(found, key=lambda one: ("request" in one.base, "http" in one.base, one.total), default=None)


def _read(name: str, lines: Sequence[Line], probe_paths: Collection[str]) -> Histogram:
    mine = [line for line in lines if line.name == name and "le" in line.labels]
    path, probes = _probes(mine, probe_paths)
    users = [line for line in mine if line.labels.get(path, "") not in probes] if probes else mine
    scale = 1000.0 if re.search(r"milli|_ms(_|$)", name) else 1.0
    sums: dict[str, float] = {}
    for line in users or mine:
        sums[line.labels["le"]] = sums.get(line.labels["le"], 0.0) + line.value
    ordered = sorted(sums, key=float)
    buckets = tuple((le, float(le) / scale, sums[le]) for le in ordered)
    base = name.removesuffix("_bucket")
    return Histogram(base, Counter(f"{base}_count", "", path, probes, 0.0), scale, buckets)


def _slow(histogram: Histogram) -> tuple[dict[str, Any], str]:
    """At most so many may be slower than a bound that nearly all keep today, with one bucket to spare."""
    finite = [bucket for bucket in histogram.buckets if bucket[0] != "+Inf"]
    known = histogram.total >= _ENOUGH
    wanted = next((i for i, (_le, _s, count) in enumerate(finite) if count >= _USUAL * histogram.total), None)
    if not known or wanted is None:
        le, seconds, _count = next((one for one in finite if one[1] >= DEFAULT_BOUND), finite[-1])
        note = f"slow requests: by {histogram.base}; too few so far to say what is usual, so {seconds:g} s is a guess"
    else:
        le, seconds, _count = finite[min(wanted + 1, len(finite) - 1)]
        share = finite[wanted][2] / histogram.total
        note = (
            f"slow requests: by {histogram.base}; today {share:.1%} of {histogram.total:.0f} took at most "
            f"{finite[wanted][1]:g} s, and the next bucket is {seconds:g} s"
        )
    extra = histogram.counter.without_probes
    if histogram.base == "http_request_duration_seconds" and not extra:
        return {"name": "slow", "template": "latency", "metrics": "app", "bound": seconds, "max": SHARE_ALLOWED}, note
    every = ",".join(filter(None, ("$canary", extra)))
    good = f"{histogram.base}_bucket{{{every},{_le(le)}}}"
    allowed = round(1 - SHARE_ALLOWED, 2)
    return {"name": "slow", "good": good, "all": f"{histogram.base}_count{{{every}}}", "min": allowed}, note


def _le(bound: str) -> str:
    """Prometheus keeps a whole number as 1.0 since version 3, and as it was exposed before."""
    whole = bound.removesuffix(".0")
    return f'le=~"{whole}(\\\\.0)?"' if whole.isdigit() else f'le="{bound}"'


def _pattern(value: str) -> str:
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\\\1", value)
