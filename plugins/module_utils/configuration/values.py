# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the names of a configuration get their values: given, from the environment, or from a Secret."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..cluster import SECRET, Cluster, ClusterError, NotFound
from ..preflight.problem import Problem, one_of
from .references import NAME

FIELD = "names"


@dataclass(frozen=True, slots=True)
class Source:
    """One of `value` (a lookup, a vaulted variable), `variable` (of the environment), `secret` with `key`."""

    name: str
    value: str | None = field(default=None, repr=False)
    variable: str = ""
    secret: str = ""
    key: str = ""

    @classmethod
    def parse(cls, options: Mapping[str, Any]) -> Source:
        given = {key: options.get(key) or "" for key in ("variable", "secret", "key")}
        return cls(name=options["name"], value=options.get("value"), **given)

    def describe(self) -> str:
        if self.secret:
            return f"Secret {self.secret}, key {self.key or self.name}"
        return f"environment variable {self.variable}" if self.variable else "given by the inventory"


@dataclass(frozen=True, slots=True)
class Values:
    """By name; never shown."""

    known: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: tuple[Problem, ...] = ()


def resolve(
    wanted: Mapping[str, Sequence[str]],
    sources: Iterable[Source],
    environ: Mapping[str, str],
    read: Callable[[str], Mapping[str, str]],
) -> Values:
    """`wanted`: the names in the configuration and where they stand. `read` gives a Secret's values, decoded.

    Names that no file asks for get a value too: the app may want them as variables.
    """
    given = {source.name: source for source in sources}
    known, problems = {}, []
    for name, places in wanted.items():
        if name not in given and NAME.fullmatch(name):
            remedy = f"say where its value comes from: {{name: {name}, secret: …, key: …}}, or variable, or value"
            problems.append(Problem(FIELD, f"${{{name}}} has no value ({'; '.join(places)})", "", remedy))
    for name, source in given.items():
        try:
            value = _value(source, environ, read)
        except _Missing as missing:
            asked = "; ".join(wanted.get(name, ()))
            problems.append(
                Problem(FIELD, f"${{{name}}} has no value{f' ({asked})' if asked else ''}: {missing}", missing.expected)
            )
        else:
            known[name] = value
    return Values(known, tuple(problems))


def secret_reader(cluster: Cluster, namespace: str) -> Callable[[str], Mapping[str, str]]:
    """Reads each Secret once. The function raises KeyError where there is none of that name, and ClusterError."""
    seen: dict[str, Mapping[str, str]] = {}

    def read(name: str) -> Mapping[str, str]:
        if name not in seen:
            try:
                data = cluster.get(SECRET, namespace, name).get("data") or {}
            except NotFound as error:
                raise KeyError(name) from error
            seen[name] = {key: base64.b64decode(value).decode("utf-8", "replace") for key, value in data.items()}
        return seen[name]

    return read


class _Missing(Exception):
    def __init__(self, text: str, expected: str = "") -> None:
        super().__init__(text)
        self.expected = expected


def _value(source: Source, environ: Mapping[str, str], read: Callable[[str], Mapping[str, str]]) -> str:
    ways = [way for way, given in _ways(source) if given]
    if len(ways) != 1:
        raise _Missing(f"{' and '.join(ways) or 'no source'} given", "one of value, variable, secret")
    if source.variable:
        if not environ.get(source.variable):
            raise _Missing(f"the environment variable {source.variable} is not set where the playbook runs")
        return environ[source.variable]
    if source.value is not None:
        if not source.value:
            raise _Missing("what the inventory gives is empty; its lookup found nothing")
        return source.value
    return _from_secret(source, read)


def _ways(source: Source) -> tuple[tuple[str, bool], ...]:
    return ("value", source.value is not None), ("variable", bool(source.variable)), ("secret", bool(source.secret))


def _from_secret(source: Source, read: Callable[[str], Mapping[str, str]]) -> str:
    key = source.key or source.name
    try:
        data = read(source.secret)
    except KeyError as error:
        raise _Missing(f"there is no Secret '{source.secret}'") from error
    except ClusterError as error:
        raise _Missing(f"the Secret '{source.secret}' cannot be read: {error}") from error
    if not data.get(key):
        raise _Missing(f"the Secret '{source.secret}' has no key '{key}'", one_of(key, data))
    return data[key]
