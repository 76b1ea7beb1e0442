# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a pod template needs to use a configuration, and what it needs to go back to what it used before.

Both are strategic merge patches of a pod template, to which a strategy adds the image. Lists are merged by the API
server by name, so that what others have put there stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..cluster import Obj
from ..preflight.problem import Problem, one_of
from .bundle import LABEL_HASH, Bundle

VOLUME = "slipway-config"
Patch = dict[str, Any]
_SOURCES = ("configMapKeyRef", "secretKeyRef", "fieldRef", "resourceFieldRef")
_OURS = ("configMapKeyRef", "secretKeyRef")


def forward(bundle: Bundle, templates: Sequence[Obj]) -> Patch:
    """One patch for all workloads of the app. Variables of a former configuration that are gone are removed."""
    former = {name for template in templates for name in _own_variables(bundle, template)}
    env: list[Patch] = [_variable(bundle, name, kind) for name, kind in bundle.keys.items()]
    env += [{"name": name, "$patch": "delete"} for name in sorted(former - set(bundle.keys))]
    container: Patch = {"name": _container_name(bundle, templates), "env": env}
    spec: Patch = {"containers": [container]}
    if bundle.mounting.mount:
        container["volumeMounts"] = [{"name": VOLUME, "mountPath": bundle.mounting.mount, "readOnly": True}]
        spec["volumes"] = [_volume(bundle)]
    return {"metadata": {"annotations": {LABEL_HASH: bundle.hash}}, "spec": spec}


def backward(patch: Patch, template: Obj) -> Patch:
    """Undoes `patch` on this template."""
    spec, new = template.get("spec") or {}, patch["spec"]["containers"][0]
    container = container_of(template, new["name"]) or {}
    notes = (template.get("metadata") or {}).get("annotations") or {}
    back: Patch = {"name": new["name"], "env": [_former_variable(container, one["name"]) for one in new["env"]]}
    former: Patch = {"containers": [back]}
    if "volumes" in patch["spec"]:
        mounts = container.get("volumeMounts")
        back["volumeMounts"] = [_former(mounts, "mountPath", one["mountPath"]) for one in new["volumeMounts"]]
        former["volumes"] = [_former_volume(spec.get("volumes"), one["name"]) for one in patch["spec"]["volumes"]]
    annotations = {key: notes.get(key) for key in patch["metadata"]["annotations"]}
    return {"metadata": {"annotations": annotations}, "spec": former}


def used_by(template: Obj) -> str:
    """The hash of the configuration that a pod template uses, "" if it has none."""
    return str(((template.get("metadata") or {}).get("annotations") or {}).get(LABEL_HASH) or "")


def container_of(template: Obj, name: str) -> Obj | None:
    containers: list[Obj] = (template.get("spec") or {}).get("containers") or []
    if not name and len(containers) == 1:
        return containers[0]
    return next((one for one in containers if one.get("name") == name), None)


def problems_of(bundle: Bundle, workload: str, template: Obj) -> list[Problem]:
    """What would be overwritten silently, and what is not there."""
    name = bundle.mounting.container
    container = container_of(template, name)
    if container is None:
        there = [one.get("name", "") for one in (template.get("spec") or {}).get("containers") or []]
        found = f"{workload} has no container '{name}'" if name else f"{workload} has {len(there)} containers"
        return [Problem("container", found, one_of(name, there), "name the one that gets the configuration")]
    own = _own_variables(bundle, template)
    taken = [one["name"] for one in container.get("env") or [] if one["name"] in bundle.keys and one["name"] not in own]
    if not taken:
        return []
    found = f"{workload} sets {', '.join(taken)} itself, which the configuration would overwrite"
    return [Problem("variables", found, "", "remove them there, rename the keys, or set variables: false")]


def _container_name(bundle: Bundle, templates: Sequence[Obj]) -> str:
    """By name, or the only one there is."""
    found = [container_of(template, bundle.mounting.container) for template in templates]
    return bundle.mounting.container or next((str(one["name"]) for one in found if one is not None), "")


def _variable(bundle: Bundle, name: str, kind: str) -> Patch:
    """Nulls take away what a variable of this name may have had instead."""
    reference = "secretKeyRef" if kind == "secret" else "configMapKeyRef"
    origin: Patch = {key: None for key in _SOURCES if key != reference}
    return {"name": name, "value": None, "valueFrom": {**origin, reference: {"name": bundle.name, "key": name}}}


def _volume(bundle: Bundle) -> Patch:
    file = bundle.mounting.file_name
    items = [{"key": file, "path": file}]
    if bundle.file_is_secret:
        return {"name": VOLUME, "configMap": None, "secret": {"secretName": bundle.name, "items": items}}
    return {"name": VOLUME, "secret": None, "configMap": {"name": bundle.name, "items": items}}


def _former_variable(container: Obj, name: str) -> Patch:
    former = _former(container.get("env"), "name", name)
    if "$patch" in former:
        return former
    origin = former.get("valueFrom")
    if origin:
        return {"name": name, "value": None, "valueFrom": {key: origin.get(key) for key in _SOURCES}}
    return {"name": name, "value": former.get("value", ""), "valueFrom": None}


def _former_volume(volumes: Sequence[Obj] | None, name: str) -> Patch:
    former = _former(volumes, "name", name)
    return former if "$patch" in former else {"configMap": None, "secret": None, **former}


def _former(entries: Iterable[Obj] | None, key: str, value: str) -> Patch:
    found = next((one for one in entries or () if one.get(key) == value), None)
    return dict(found) if found is not None else {key: value, "$patch": "delete"}


def _own_variables(bundle: Bundle, template: Obj) -> set[str]:
    container: Mapping[str, Any] = container_of(template, bundle.mounting.container) or {}
    own = f"{bundle.app}-config-"
    return {
        one["name"]
        for one in container.get("env") or []
        for kind in _OURS
        if str(((one.get("valueFrom") or {}).get(kind) or {}).get("name", "")).startswith(own)
    }
