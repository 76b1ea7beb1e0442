# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two slots, one app: where the templates of their pods differ, and how the idle one gets what the live one has.

The release's image and the labels are the slot's own. Everything else that differs makes the new release run under
other conditions than the old one: without its probes, without its configuration.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ..cluster import Obj
from ..configuration.overlay import stripped

ABSENT = None
# What people and controllers write into a template only to have its pods replaced.
_PASSING = ("kubectl.kubernetes.io/restartedAt",)
_LISTS = ("containers", "initContainers")


@dataclass(frozen=True, slots=True)
class Difference:
    """`path` is for people, `where` leads to the field in a template; a value of None means that it is not there."""

    path: str
    where: tuple[str, ...]
    live: Any
    idle: Any

    def describe(self, live: str, idle: str) -> str:
        if self.idle is ABSENT:
            return f"{self.path} is on {live} only"
        if self.live is ABSENT:
            return f"{self.path} is on {idle} only"
        return f"{self.path} is another on {idle} than on {live}"


def differences(live: Obj, idle: Obj, container: str, may_differ: Sequence[str] = ()) -> list[Difference]:
    """Between the pod templates of two Deployments, but for labels, the image of `container` and what may differ."""
    found = _all(live["spec"]["template"], idle["spec"]["template"], container)
    patterns = [pattern.replace("[", "[[]") for pattern in may_differ]  # brackets are a part of the names
    return [one for one in found if not any(fnmatchcase(one.path, pattern) for pattern in patterns)]


def lone_labels(live: Obj, idle: Obj) -> tuple[list[str], list[str]]:
    """Labels that only the live template has, and only the idle one."""
    mine, theirs = (_labels(one) for one in (live, idle))
    return sorted(set(mine) - set(theirs)), sorted(set(theirs) - set(mine))


def without_patch(deployment: Obj, patch: Mapping[str, Any], container: str) -> Obj:
    """A Deployment whose template has nothing of what the patch of a release sets or removes."""
    spec = deployment["spec"]
    return {**deployment, "spec": {**spec, "template": stripped(spec["template"], patch, container)}}


def copied(idle: Obj, found: Sequence[Difference]) -> Obj:
    """The idle slot's template with the live slot's values in place of its own."""
    template: Obj = copy.deepcopy(idle["spec"]["template"])
    for one in found:
        _put(template, one.where, copy.deepcopy(one.live))
    return template


def _all(live: Obj, idle: Obj, container: str) -> Iterator[Difference]:
    yield from _fields("annotations.", ("metadata", "annotations"), _annotations(live), _annotations(idle))
    mine, theirs = live["spec"], idle["spec"]
    for kind in _LISTS:
        yield from _containers(kind, _named(mine, kind), _named(theirs, kind), container)
    yield from _fields("", ("spec",), _without(mine, _LISTS), _without(theirs, _LISTS))


def _containers(kind: str, mine: Mapping[str, Obj], theirs: Mapping[str, Obj], container: str) -> Iterator[Difference]:
    for name in dict.fromkeys((*mine, *theirs)):
        path, where = f"{kind}[{name}]", ("spec", kind, name)
        if name not in mine or name not in theirs:
            yield Difference(path, where, mine.get(name), theirs.get(name))
            continue
        left_out = ("image", "name") if kind == "containers" and name == container else ("name",)
        yield from _fields(f"{path}.", where, _without(mine[name], left_out), _without(theirs[name], left_out))


def _fields(
    path: str, where: tuple[str, ...], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Iterator[Difference]:
    for key in dict.fromkeys((*mine, *theirs)):
        one, other = mine.get(key), theirs.get(key)
        if one != other:
            yield Difference(f"{path}{key}", (*where, key), one, other)


def _put(template: Obj, where: tuple[str, ...], value: Any) -> None:
    """Set, add or (for None) remove; an entry of a list is found by its name."""
    here: Any = template
    for part in where[:-1]:
        here = _entry(here, part) if isinstance(here, list) else here.setdefault(part, [] if part in _LISTS else {})
    last = where[-1]
    if isinstance(here, list):
        here[:] = [one for one in here if one["name"] != last] + ([] if value is ABSENT else [value])
    elif value is ABSENT:
        here.pop(last, None)
    else:
        here[last] = value


def _entry(entries: list[Obj], name: str) -> Obj:
    return next(one for one in entries if one["name"] == name)


def _named(spec: Obj, kind: str) -> dict[str, Obj]:
    return {one["name"]: one for one in spec.get(kind) or []}


def _annotations(template: Obj) -> dict[str, str]:
    return _without((template.get("metadata") or {}).get("annotations") or {}, _PASSING)


def _labels(deployment: Obj) -> dict[str, str]:
    return (deployment["spec"]["template"].get("metadata") or {}).get("labels") or {}


def _without(mapping: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key not in keys}
