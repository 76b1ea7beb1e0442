# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A patch of a pod template, laid on a template or taken off it here, without the API server.

Enough of the strategic merge for two templates to be compared but for what a patch sets on both, and for one of them to
be written whole with the patch in it. Merge keys: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..cluster import Obj

# Lists that are merged entry by entry, and the key that tells their entries apart. All other lists are one value.
_KEYS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("containers", "initContainers", "volumes", "env", "imagePullSecrets"), "name"),
        "hostAliases": "ip",
        "ports": "containerPort",
        "volumeDevices": "devicePath",
        "volumeMounts": "mountPath",
    }
)
# Entries of these are merged field by field; an entry of another list belongs to the patch as a whole.
_DEEP = ("containers", "initContainers")
_DIRECTIVE = "$patch"


def released(patch: Mapping[str, Any], container: str, image: str) -> dict[str, Any]:
    """The patch, and in it the app's container with its image. A container without a name in the patch is that one."""
    spec = dict(patch.get("spec") or {})
    given = [dict(one) for one in spec.get("containers") or []]
    own = next((one for one in given if one.get("name", "") in ("", container)), {})
    others = [one for one in given if one is not own]
    return {**patch, "spec": {**spec, "containers": [{**own, "name": container, "image": image}, *others]}}


def stripped(template: Obj, patch: Mapping[str, Any], container: str) -> Obj:
    """The template without all that the patch sets or removes. `container`: the one that it means without a name."""
    left: Obj = copy.deepcopy(template)
    _strip(left, _named(patch, container))
    return left


def laid_on(template: Obj, patch: Mapping[str, Any], container: str) -> Obj:
    """A stripped template with the patch on it."""
    made: Obj = copy.deepcopy(template)
    _lay(made, _named(patch, container))
    return made


def _strip(there: dict[str, Any], patch: Mapping[str, Any]) -> None:
    for key, value in patch.items():
        if key not in there:
            continue
        now = there[key]
        if isinstance(value, Mapping) and isinstance(now, dict):
            _strip(now, value)
        elif _is_keyed(key, value) and isinstance(now, list):
            there[key] = now = _without_entries(key, now, value)
        else:
            now = None
        if not now:
            del there[key]


def _without_entries(key: str, now: list[Any], wanted: list[Any]) -> list[Any]:
    found = {one.get(_KEYS[key]): one for one in wanted}
    if key not in _DEEP:
        return [one for one in now if one.get(_KEYS[key]) not in found]
    for one in now:
        name = one[_KEYS[key]]
        _strip(one, {field: value for field, value in found.get(name, {}).items() if field != _KEYS[key]})
    return now


def _lay(there: dict[str, Any], patch: Mapping[str, Any]) -> None:
    for key, value in patch.items():
        if value is None:
            there.pop(key, None)
        elif isinstance(value, Mapping):
            inner = there.setdefault(key, {})
            _lay(inner, value)
            if not inner and value:
                del there[key]
        elif _is_keyed(key, value):
            there[key] = _with_entries(key, there.get(key) or [], value)
            if not there[key]:
                del there[key]
        else:
            there[key] = copy.deepcopy(value)


def _with_entries(key: str, now: list[Any], wanted: list[Any]) -> list[Any]:
    made = list(now)
    for one in wanted:
        there = next((two for two in made if two.get(_KEYS[key]) == one.get(_KEYS[key])), None)
        if one.get(_DIRECTIVE) == "delete":
            made = [two for two in made if two is not there]
            continue
        if there is None:
            there = {}
            made.append(there)
        _lay(there, one)
    return made


def _is_keyed(key: str, value: Any) -> bool:
    return key in _KEYS and isinstance(value, list) and all(isinstance(one, Mapping) for one in value)


def _named(patch: Mapping[str, Any], container: str) -> dict[str, Any]:
    spec = patch.get("spec") or {}
    if "containers" not in spec:
        return dict(patch)
    named = [{**one, "name": one.get("name") or container} for one in spec["containers"]]
    return {**patch, "spec": {**spec, "containers": named}}
