# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The objects that a canary needs and that are not there yet, made from those that are."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..cluster import DEPLOYMENT, SERVICE, Kind, Obj
from ..labels import match_labels, template_labels
from .routing import Rule
from .text import difference
from .world import ROUTES

# Of stable's template, what is written by tools at each change and would be untrue of the canary.
_NOT_TAKEN = ("kubectl.kubernetes.io/restartedAt",)


@dataclass(frozen=True, slots=True)
class Wanted:
    """`what` is the word in `slipway_adopt_create`; `before` is what a change of an object starts from."""

    what: str
    kind: Kind
    definition: Obj = field(repr=False)
    before: Obj | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        meta = self.definition["metadata"]
        return f"{self.kind.kind} {meta['namespace']}/{meta['name']}"

    @property
    def state(self) -> str:
        return "patched" if self.before else "present"

    def as_dict(self) -> dict[str, Any]:
        whole = {"what": self.what, "title": self.title, "state": self.state, "definition": self.definition}
        return whole | {"diff": difference(self.title, self.before, self.definition)}


def canary_deployment(stable: Obj, name: str, labels: Mapping[str, str]) -> Wanted:
    """Stable's template with other labels, at rest."""
    before, selector = template_labels(stable), match_labels(stable)
    changed = {key: value for key, value in labels.items() if before.get(key) != value}
    spec = copy.deepcopy(stable["spec"])
    spec["replicas"] = 0
    spec["selector"] = {"matchLabels": {key: labels[key] for key in selector} | _own(labels, selector, changed)}
    template = _relabelled(spec["template"], before, changed)
    meta = template.setdefault("metadata", {})
    meta.pop("creationTimestamp", None)
    meta["labels"] = dict(labels)
    meta["annotations"] = {
        key: value for key, value in (meta.get("annotations") or {}).items() if key not in _NOT_TAKEN
    }
    spec["template"] = template
    own = stable["metadata"].get("labels") or {}
    kept = {key: changed.get(key, value) for key, value in own.items() if not _of_a_tool(key)}
    return Wanted("canary_deployment", DEPLOYMENT, _object(DEPLOYMENT, stable, name, kept, spec))


def _own(labels: Mapping[str, str], selector: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, str]:
    """A label that makes the selector the canary's alone, where stable's has none that differs."""
    return {} if set(selector) & set(changed) else {key: labels[key] for key in changed}


def _relabelled(node: Any, before: Mapping[str, str], changed: Mapping[str, str]) -> Any:
    """Affinities and spread constraints of a template speak of its own pods; so must the canary's."""
    if isinstance(node, list):
        return [_relabelled(one, before, changed) for one in node]
    if not isinstance(node, dict):
        return node
    found = {key: _relabelled(value, before, changed) for key, value in node.items()}
    mine = found.get("matchLabels")
    if isinstance(mine, dict):
        found["matchLabels"] = {k: changed[k] if k in changed and before.get(k) == v else v for k, v in mine.items()}
    return found


def arm_service(of: Obj, name: str, selector: Mapping[str, str]) -> Wanted:
    """A Service with the ports of another one, for the pods of one arm."""
    ports = [{key: value for key, value in port.items() if key != "nodePort"} for port in of["spec"].get("ports") or []]
    own = of["metadata"].get("labels") or {}
    kept = {key: value for key, value in own.items() if not _of_a_tool(key)}
    spec = {"selector": dict(selector), "ports": ports, "type": "ClusterIP"}
    return Wanted("services", SERVICE, _object(SERVICE, of, name, kept, spec))


def weighted_rule(rule: Rule, service: str, canary: str) -> Wanted:
    """The existing route with the canary beside stable's backend, at weight 0; every other field as it is."""
    kind = ROUTES[rule.kind]
    spec = copy.deepcopy(rule.route["spec"])
    if rule.kind == "openshiftroute":
        spec["to"].setdefault("weight", 100)
        spec.setdefault("alternateBackends", []).append({"kind": "Service", "name": canary, "weight": 0})
    else:
        entries = spec
        for step in rule.path[1:]:
            entries = entries[step]
        entries[:] = _with_canary(rule.kind, entries, service, canary)
    meta = rule.route["metadata"]
    # With the version that was read, so that a change by somebody else meanwhile is refused and not written over.
    kept = {"name": meta["name"], "namespace": meta["namespace"], "resourceVersion": meta["resourceVersion"]}
    definition = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": kept, "spec": spec}
    return Wanted("weighted_route", kind, definition, {**definition, "spec": rule.route["spec"]})


def _with_canary(kind: str, entries: list[Obj], service: str, canary: str) -> list[Obj]:
    alone = len(entries) == 1
    found: list[Obj] = []
    for entry in entries:
        host = entry.get("destination", {}).get("host", "") if kind == "virtualservice" else entry.get("name", "")
        if host.split(".")[0] != service:
            found.append(entry)
            continue
        weight = 100 if alone else entry.get("weight", 0 if kind == "virtualservice" else 1)
        twin = copy.deepcopy(entry)
        if kind == "virtualservice":
            twin["destination"]["host"] = host.replace(service, canary, 1)
            twin["destination"].pop("subset", None)
        else:
            twin["name"] = canary
        found += [{**entry, "weight": weight}, {**twin, "weight": 0}]
    return found


def new_route(
    kind: str, of: Obj, name: str, gateway: str, hosts: list[str], arms: tuple[str, str], port: int
) -> Wanted:
    """A route where there was none: `arms` are the Services of stable and canary, `gateway` is NAMESPACE/NAME."""
    weights = list(zip(arms, (100, 0), strict=True))
    if kind == "virtualservice":
        routes = [{"destination": {"host": arm, "port": {"number": port}}, "weight": weight} for arm, weight in weights]
        spec: Obj = {"hosts": hosts, "gateways": [gateway], "http": [{"name": "primary", "route": routes}]}
    else:
        namespace, _slash, gateway_name = gateway.rpartition("/")
        parent = {"name": gateway_name} | ({"namespace": namespace} if namespace else {})
        refs = [{"name": arm, "port": port, "weight": weight} for arm, weight in weights]
        spec = {"parentRefs": [parent], "hostnames": hosts, "rules": [{"backendRefs": refs}]}
    return Wanted("weighted_route", ROUTES[kind], _object(ROUTES[kind], of, name, {}, spec))


def _object(kind: Kind, like: Obj, name: str, labels: Mapping[str, str], spec: Obj) -> Obj:
    meta: Obj = {"name": name, "namespace": like["metadata"]["namespace"]}
    if labels:
        meta["labels"] = dict(labels)
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, "spec": spec}


def _of_a_tool(label: str) -> bool:
    """Labels by which Helm, Argo CD or Flux know what is theirs, and delete what they do not know."""
    return label.startswith(
        ("helm.sh/", "argocd.argoproj.io/", "kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/")
    ) or (label == "app.kubernetes.io/managed-by")
