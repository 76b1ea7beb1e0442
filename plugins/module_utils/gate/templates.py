# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ready-made checks: share of failed and of slow requests, in the words of three families of metrics."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .check import Counters
from .selector import Matcher, Selector
from .suggest import OptionError, nearest

_UNSAFE = re.compile(r"[^a-zA-Z0-9_]")
# What Istio makes of a pod's labels in its own metrics.
_ISTIO_LABELS = {
    "app": "destination_app",
    "app_kubernetes_io_name": "destination_app",
    "version": "destination_version",
    "app_kubernetes_io_version": "destination_version",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom checks speak of: the labels of each arm, the namespace, and the host of each arm's backend if known."""

    namespace: str
    arms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    hosts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wish:
    """The options of one check that concern templates; `path` is how messages call the check."""

    path: str
    arm: str
    labels: Mapping[str, str] | None
    reporter: str
    cluster: str
    bound: float | None


def error_rate(family: str, wish: Wish, subject: Subject) -> Counters:
    """Responses with a status of 500 and above, of all."""
    return _family(family, wish).errors(wish, subject)


def latency(family: str, wish: Wish, subject: Subject) -> Counters:
    """Requests slower than the bound (seconds), of all."""
    if wish.bound is None or wish.bound <= 0:
        raise OptionError(
            f"{wish.path}.bound is {wish.bound}; the template latency needs the time in seconds that a request may "
            "take, such as bound: 0.25."
        )
    return _family(family, wish).slow(wish, subject)


Template = Callable[[str, Wish, Subject], Counters]
TEMPLATES: Mapping[str, Template] = {"error_rate": error_rate, "latency": latency}


def arm_labels(wish: Wish, subject: Subject) -> Mapping[str, str]:
    """The labels by which the arm's series are known: those given, else those that the subject's selector asks for."""
    if wish.labels is not None:
        given = {"namespace": subject.namespace, **wish.labels}
        return {name: value for name, value in given.items() if value}
    return {name: value for name, value in {"namespace": subject.namespace, **_arm(wish, subject)}.items() if value}


def _arm(wish: Wish, subject: Subject) -> Mapping[str, str]:
    if wish.arm not in subject.arms:
        raise OptionError(
            f"{wish.path} is about the arm '{wish.arm}', which subject does not have.{nearest(wish.arm, subject.arms)} "
            f"Add it to subject, such as subject: {{{wish.arm}: 'app=shop,version={wish.arm}'}}, or give "
            f"{wish.path}.labels."
        )
    mine = subject.arms[wish.arm]
    for other, theirs in subject.arms.items():
        if other != wish.arm and theirs == mine:
            raise OptionError(
                f"{wish.path}: subject.{wish.arm} and subject.{other} ask for the same labels ({_shown(mine)}), so "
                f"their metrics cannot be told apart. Give {wish.path}.labels."
            )
    return {_UNSAFE.sub("_", name): value for name, value in mine.items()}


def _matchers(labels: Mapping[str, str]) -> tuple[Matcher, ...]:
    return tuple(Matcher(name, "=", value) for name, value in labels.items())


@dataclass(frozen=True, slots=True)
class _Family:
    errors: Callable[[Wish, Subject], Counters]
    slow: Callable[[Wish, Subject], Counters]


def _app_errors(wish: Wish, subject: Subject) -> Counters:
    every = Selector("http_requests_total", _matchers(arm_labels(wish, subject)))
    return Counters((every.where("status", "=~", "5.."),), (every,))


def _app_slow(wish: Wish, subject: Subject) -> Counters:
    every = Selector("http_request_duration_seconds_bucket", _matchers(arm_labels(wish, subject)))
    return Counters((), (every,), bound=wish.bound)


def _istio_labels(wish: Wish, subject: Subject) -> tuple[Matcher, ...]:
    if wish.labels is not None:
        labels = {"destination_workload_namespace": subject.namespace, **wish.labels}
        named = {name: value for name, value in labels.items() if value}
        return _matchers({"reporter": wish.reporter, **named})
    known = _istio_arm(_arm(wish, subject))
    for other, theirs in subject.arms.items():
        if other != wish.arm and _istio_arm(theirs) == known:
            raise OptionError(
                f"{wish.path}: Istio's metrics know of a pod's labels only app and version, and these are the same for "
                f"{wish.arm} and {other} ({_shown(known)}). Give {wish.path}.labels, such as "
                "{destination_workload: NAME}."
            )
    where = {"reporter": wish.reporter, "destination_workload_namespace": subject.namespace}
    return _matchers({**where, **known})


def _istio_arm(labels: Mapping[str, str]) -> dict[str, str]:
    safe = {_UNSAFE.sub("_", name): value for name, value in labels.items()}
    return {_ISTIO_LABELS[name]: value for name, value in safe.items() if name in _ISTIO_LABELS}


def _istio_errors(wish: Wish, subject: Subject) -> Counters:
    every = Selector("istio_requests_total", _istio_labels(wish, subject))
    return Counters((every.where("response_code", "=~", "5.."),), (every,))


def _istio_slow(wish: Wish, subject: Subject) -> Counters:
    every = Selector("istio_request_duration_milliseconds_bucket", _istio_labels(wish, subject))
    return Counters((), (every,), bound=_milliseconds(wish))


def _envoy_errors(wish: Wish, subject: Subject) -> Counters:
    """5xx that the upstream gave and that Envoy gave in its place, of all responses."""
    name, head, rest = _envoy_cluster(wish, subject)
    extra = _envoy_extra(wish)
    every, failed = [], []
    for metric, label, value in _envoy_names(name, head, rest):
        whole = Selector(f"{metric}_completed", (Matcher(label, "=~", value), *extra))
        every.append(whole)
        code = ("response_code_class", "5xx") if label == "cluster_name" else ("envoy_response_code_class", "5")
        # Istio's own proxies take the class out of the name where others keep "_xx" in it.
        suffix = "" if label == "cluster_name" else "_xx"
        failed.append(Selector(f"{metric}{suffix}", whole.matchers).where(code[0], "=", code[1]))
    return Counters(tuple(failed), tuple(every))


def _envoy_slow(wish: Wish, subject: Subject) -> Counters:
    name, head, rest = _envoy_cluster(wish, subject)
    every = tuple(
        Selector(f"{metric}_time_bucket", (Matcher(label, "=~", value), *_envoy_extra(wish)))
        for metric, label, value in _envoy_names(name, head, rest)
    )
    return Counters((), every, bound=_milliseconds(wish))


def _envoy_cluster(wish: Wish, subject: Subject) -> tuple[str, str, str]:
    """The cluster's name as a pattern: whole, up to its first dot, and what follows that dot as it stands in names."""
    name = wish.cluster
    if name:
        pattern = re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", name)
    elif wish.arm in subject.hosts:
        host, subset = subject.hosts[wish.arm].split("|")
        name = f"outbound|N|{subset}|{host}"
        pattern = rf"outbound\|[0-9]+\|{re.escape(subset)}\|{host.replace('.', chr(92) + '.')}"
    else:
        raise OptionError(
            f"{wish.path}: which of Envoy's clusters is {wish.arm}? Give {wish.path}.cluster, the name that Envoy's "
            "/clusters lists, such as outbound|80||shop-canary.production.svc.cluster.local, or give route."
        )
    return pattern, pattern.partition(r"\.")[0], _UNSAFE.sub("_", name.partition(".")[2])


def _envoy_names(name: str, head: str, rest: str) -> list[tuple[str, str, str]]:
    """The ways in which Envoy's statistics may have been made into metrics: name, label of the cluster, its value.

    Istio's proxies take the whole cluster name for the tag. A stock Envoy ends the tag at the first dot, so that the
    rest of an Istio name, and the ";" that newer versions end it with, become part of the metric's name.
    """
    names = [("envoy_cluster_upstream_rq", "envoy_cluster_name", name)]
    if rest:
        names += [(f"envoy_cluster_{rest}{gap}_upstream_rq", "envoy_cluster_name", head) for gap in ("_", "")]
    return [*names, ("envoy_cluster_upstream_rq", "cluster_name", f"{name};?")]


def _envoy_extra(wish: Wish) -> tuple[Matcher, ...]:
    return _matchers({name: value for name, value in (wish.labels or {}).items() if value})


def _milliseconds(wish: Wish) -> float | None:
    return None if wish.bound is None else wish.bound * 1000


def _shown(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in labels.items()) or "none"


_FAMILIES: Mapping[str, _Family] = {
    "app": _Family(_app_errors, _app_slow),
    "envoy": _Family(_envoy_errors, _envoy_slow),
    "istio": _Family(_istio_errors, _istio_slow),
}


def _family(family: str, wish: Wish) -> _Family:
    if family not in _FAMILIES:
        raise OptionError(f"{wish.path}.metrics is '{family}'.{nearest(family, _FAMILIES)}")
    return _FAMILIES[family]
