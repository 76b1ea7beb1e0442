# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the option `checks` to Checks. Whatever cannot be right is refused here, before anything is changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from .check import Check, Counters, Gauge
from .judge_options import KEYS as JUDGE_KEYS
from .judge_options import Judging, parse_judging
from .selector import Matcher, Selector, SelectorError, Verbatim
from .suggest import OptionError, nearest
from .templates import TEMPLATES, Subject, Wish, arm_labels
from .values import choice, flag, number, whole

NO_DATA = ("fail", "inconclusive", "wait")
REPORTERS = ("destination", "source")
_COMMON = ("name", "arm", "labels", "min", "max", "failures_allowed", "on_no_data", "dry_run", *JUDGE_KEYS)
_EVENTS = ("min_requests", "min_failures", "window")
_KINDS: Mapping[str, Sequence[str]] = {
    "template": ("template", "metrics", "bound", "reporter", "cluster", *_EVENTS),
    "bad": ("bad", "all", *_EVENTS),
    "good": ("good", "all", *_EVENTS),
    "gauge": ("gauge",),
    "query": ("query",),
}
KEYS = frozenset(key for keys in _KINDS.values() for key in keys) | frozenset(_COMMON)
_ARM = "$arm"  # in a service's own language: the arm's name
_PLACEHOLDER = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for checks that do not say otherwise.

    `service` is who is asked, in words, where that is in a language of its own: then nothing is read as PromQL.
    """

    failures: int = 0
    looks: int = 1
    on_no_data: str = "wait"
    service: str = ""
    judge: str = "threshold"


def parse_checks(value: object, subject: Subject, defaults: Defaults) -> tuple[Check, ...]:
    """Raises OptionError."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise OptionError("checks is empty; a gate needs at least one, such as {template: error_rate, max: 0.01}.")
    checks: list[Check] = []
    for place, item in enumerate(value):
        check = _Parser(f"checks[{place}]", item, subject, defaults).check()
        if any(other.name == check.name for other in checks):
            raise OptionError(f"checks[{place}].name is '{check.name}', as another check's. Give each its own name.")
        checks.append(check)
    return tuple(checks)


def parse_failures_allowed(value: object, path: str) -> tuple[int, int]:
    """`{failures: M, of: N}`: M of the last N looks may fail. Raises OptionError."""
    if not isinstance(value, Mapping):
        raise OptionError(f"{path} is {value!r}; write it as {{failures: 1, of: 3}}.")
    for key in value:
        if key not in ("failures", "of"):
            raise OptionError(f"{path} has '{key}'.{nearest(str(key), ('failures', 'of'))}")
    failures, looks = whole(f"{path}.failures", value.get("failures", 0), 0), whole(f"{path}.of", value.get("of"), 1)
    if failures >= looks:
        raise OptionError(f"{path}: {failures} of {looks} looks may fail, so that nothing could fail. Lower failures.")
    return failures, looks


class _Parser:
    """Reads one check."""

    def __init__(self, path: str, item: object, subject: Subject, defaults: Defaults, arm: str = "") -> None:
        """With another `arm` than the check's own, it reads the same check as if it were about that one."""
        if not isinstance(item, Mapping):
            raise OptionError(f"{path} is {item!r}; a check is a mapping, such as {{template: error_rate, max: 0.01}}.")
        self._path = path
        self._item = {str(key): value for key, value in item.items() if value is not None}
        self._subject = subject
        self._defaults = defaults
        self._kind = self._kind_of()
        self._own = str(self._item.get("arm", "canary"))
        self._arm = arm or self._own

    def check(self) -> Check:
        item, path = self._item, self._path
        # A service need not be told by which labels of pods the arms differ, so there may be no subject.
        named: dict[str, Mapping[str, str]] = (
            {str(item.get("baseline", "stable")): {}} if self._defaults.service else {}
        )
        judging = parse_judging(path, item, self._defaults.judge, self._subject.arms or named)
        measure = self._measure()
        baseline = self._baseline(measure, judging)
        failures, looks = self._defaults.failures, self._defaults.looks
        if "failures_allowed" in item:
            failures, looks = parse_failures_allowed(item["failures_allowed"], f"{path}.failures_allowed")
        limit, floor, ceiling = (1.0, -inf, inf) if judging.comparing else self._limits(measure)
        if judging.judge == "latency" and isinstance(measure, Counters):
            measure = replace(measure, whole=True)
        return Check(
            name=str(item.get("name") or item.get("template") or self._kind),
            measure=measure,
            limit=limit,
            floor=floor,
            ceiling=ceiling,
            arm=self._arm,
            min_requests=whole(f"{path}.min_requests", item.get("min_requests", 10), 1),
            min_failures=whole(f"{path}.min_failures", item.get("min_failures", 1 if limit == 0 else 3), 1),
            window=number(f"{path}.window", item.get("window", 60)),
            failures=failures,
            looks=looks,
            on_no_data=choice(f"{path}.on_no_data", item.get("on_no_data", self._defaults.on_no_data), NO_DATA),
            verb=_verb(measure, item.get("bound")),
            judge=judging.judge,
            margins=judging.margins,
            baseline=baseline if isinstance(baseline, Counters) else None,
            baseline_gauge=baseline if isinstance(baseline, Gauge) else None,
            analysis=judging.analysis(measure),
            baseline_arm=judging.baseline or "stable",
            dry_run=flag(f"{path}.dry_run", item.get("dry_run", False)),
        )

    def _baseline(self, measure: Counters | Gauge, judging: Judging) -> Counters | Gauge | None:
        """The same for the other arm."""
        path, name = self._path, judging.judge
        if name == "threshold":
            return None
        if not isinstance(measure, Counters) and name != "kayenta":
            raise OptionError(f"{path}.judge is '{name}', which counts events. Use threshold or kayenta here.")
        if name == "latency" and (not isinstance(measure, Counters) or measure.bound is None):
            raise OptionError(f"{path}.judge is 'latency', which needs a histogram. Give template: latency and bound.")
        if name == "slo" and not 0 < self._limits(measure)[0] < 1:
            raise OptionError(f"{path}.max is no error budget for the judge slo: give a share above 0 and below 1.")
        if not judging.baseline:
            return None
        other = _Parser(path, self._item, self._subject, self._defaults, judging.baseline)._measure()
        if other == measure:
            means = f"${self._own} between their braces, or give labels and baseline_labels"
            raise OptionError(
                f"{path} would compare {self._own} with itself: nothing in it says which arm. Write "
                f"{'$arm where its questions name the arm' if self._defaults.service else means}."
            )
        return replace(other, whole=name == "latency") if isinstance(other, Counters) else other

    def _kind_of(self) -> str:
        for key in self._item:
            if key not in KEYS:
                raise OptionError(f"{self._path} has '{key}', which no check knows.{nearest(key, KEYS)}")
        kinds = [kind for kind in _KINDS if kind in self._item]
        if len(kinds) != 1:
            found = f"has {' and '.join(kinds)}" if kinds else "says nowhere what to measure"
            raise OptionError(
                f"{self._path} {found}. Give one of template, bad (with all), good (with all), gauge, query."
            )
        for key in self._item:
            if key not in _COMMON and key not in _KINDS[kinds[0]]:
                raise OptionError(
                    f"{self._path} has '{key}', which does not go with {kinds[0]}. Leave one of them out."
                )
        if self._defaults.service and kinds[0] in ("template", "gauge"):
            raise OptionError(
                f"{self._path}.{kinds[0]} names metrics of Prometheus, but {self._defaults.service} is asked in a "
                "language of its own. Give bad and all, good and all, or query, written in that."
            )
        return kinds[0]

    def _measure(self) -> Counters | Gauge:
        kinds: Mapping[str, Callable[[], Counters | Gauge]] = {
            "template": self._template,
            "bad": lambda: self._counters("bad"),
            "good": lambda: self._counters("good"),
            "gauge": lambda: Gauge(selector=self._selector("gauge")),
            "query": lambda: Gauge(expression=self._filled("query")),
        }
        return kinds[self._kind]()

    def _template(self) -> Counters:
        name = self._item["template"]
        if name not in TEMPLATES:
            raise OptionError(f"{self._path}.template is '{name}'.{nearest(str(name), TEMPLATES)}")
        family = str(self._item.get("metrics", "app"))
        if family != "envoy" and "cluster" in self._item:
            raise OptionError(f"{self._path}.cluster names a cluster of Envoy's, but metrics is '{family}'.")
        return TEMPLATES[str(name)](family, self._wish(), self._subject)

    def _wish(self) -> Wish:
        item, path = self._item, self._path
        bound = item.get("bound")
        return Wish(
            path=path,
            arm=self._arm,
            labels=self._labels(),
            reporter=choice(f"{path}.reporter", item.get("reporter", "source"), REPORTERS),
            cluster=str(item.get("cluster", "")),
            bound=None if bound is None else number(f"{path}.bound", bound),
        )

    def _labels(self) -> Mapping[str, str] | None:
        labels = self._item.get("labels" if self._arm == self._own else "baseline_labels")
        if labels is None:
            return None
        if not isinstance(labels, Mapping):
            raise OptionError(f"{self._path}.labels is {labels!r}; write a mapping, such as {{version: canary}}.")
        return {str(name): "" if value is None else str(value) for name, value in labels.items()}

    def _counters(self, kind: str) -> Counters:
        if "all" not in self._item:
            raise OptionError(
                f"{self._path} has {kind} but not all. Without the number of all events no share is known, and "
                "no failures look the same as no requests. Add all, the counter of all events."
            )
        part, every = self._selector(kind), self._selector("all")
        if part == every:
            raise OptionError(
                f"{self._path}: {kind} and all are the same, so every event would be {kind}. Narrow {kind}."
            )
        return Counters((part,), (every,), good=kind == "good")

    def _selector(self, key: str) -> Selector:
        text = self._filled(key)
        if self._defaults.service:
            return Verbatim(text)
        try:
            return Selector.parse(text)
        except SelectorError as error:
            raise OptionError(f"{self._path}.{key} cannot be read at {error}. It is: {text}") from error

    def _filled(self, key: str) -> str:
        """The text with `$canary` and the like replaced by the arm's labels, so that it can stand between braces."""
        text = str(self._item[key]).strip()
        if not text:
            raise OptionError(f"{self._path}.{key} is empty.")
        if self._defaults.service:
            return text.replace(_ARM, self._arm)

        def fill(found: re.Match[str]) -> str:
            arm = self._arm if found.group(1) == self._own else found.group(1)
            if arm not in self._subject.arms:
                raise OptionError(
                    f"{self._path}.{key} has '${arm}', which is no arm of subject.{nearest(arm, self._subject.arms)} "
                    "Variables of Grafana do not work here."
                )
            wish = Wish(self._path, arm, self._labels(), "source", "", None)
            return ",".join(str(Matcher(name, "=", value)) for name, value in arm_labels(wish, self._subject).items())

        return _PLACEHOLDER.sub(fill, text)

    def _limits(self, measure: Counters | Gauge) -> tuple[float, float, float]:
        """Largest share of bad events, least value, greatest value."""
        path, item = self._path, self._item
        low, high = (number(f"{path}.{key}", item[key]) if key in item else None for key in ("min", "max"))
        if low is None and high is None:
            limits = {"bad": "max", "template": "max", "good": "min"}.get(self._kind, "min, max or both")
            raise OptionError(f"{path} has no limit. Give {limits}.")
        if isinstance(measure, Gauge):
            if low is not None and high is not None and low > high:
                raise OptionError(f"{path}.min is {low:g} and max {high:g}, so that no value is right. Exchange them.")
            return 0.0, -inf if low is None else low, inf if high is None else high
        name, share = ("min", low) if measure.good else ("max", high)
        if share is None or (low is not None and high is not None):
            kind = "good events take their least share" if measure.good else "bad events take their largest share"
            raise OptionError(f"{path}: {kind} as limit. Give {name} and no other.")
        if not 0 <= share <= 1:
            raise OptionError(f"{path}.{name} is {share:g}; it is a share from 0 to 1, so 1 % is 0.01.")
        return 1 - share if measure.good else share, -inf, inf


def _verb(measure: Counters | Gauge, bound: object) -> str:
    if isinstance(measure, Counters) and measure.bound is not None:
        return f"took longer than {bound} s"
    return "were not good" if isinstance(measure, Counters) and measure.good else "failed"
