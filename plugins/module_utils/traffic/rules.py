# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules with weighted targets, the shape that VirtualService, HTTPRoute and GRPCRoute share. All of it is pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..cluster import Obj
from .errors import TrafficError
from .route import RouteSpec
from .split import Split


@dataclass(frozen=True, slots=True)
class Target:
    """One entry of a rule that takes traffic.

    `path` is its JSON Pointer, `label` its name for people, `weight` what it has in effect, `written` whether the
    object says so, `backends` the logical names that mean it.
    """

    path: str
    label: str
    weight: int
    written: bool
    backends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name where it has one, its place for people (`spec.http[0]`), its targets."""

    name: str
    place: str
    targets: tuple[Target, ...]

    @property
    def label(self) -> str:
        return f"{self.place} '{self.name}'" if self.name else self.place

    def describe(self) -> str:
        return f"{self.label} ({', '.join(target.label for target in self.targets) or 'no backends'})"


def find_rule(spec: RouteSpec, rules: Sequence[Rule]) -> Rule:
    """The one rule that the option means. Raises TrafficError `no_rule`, `ambiguous_rule` or `unknown_backend`."""
    names = [backend.name for backend in spec.backends]
    named = [rule for rule in rules if rule.name == spec.rule] if spec.rule else list(rules)
    if not named:
        raise TrafficError(
            "no_rule",
            f"route.rule is '{spec.rule}', but {_title(spec)} has no rule of that name. It has {_all(rules)}. "
            "Name one of these, or leave route.rule out.",
        )
    fitting = [rule for rule in named if not _missing(names, rule)]
    if len(fitting) > 1 or (spec.rule and len(named) > 1):
        raise TrafficError(
            "ambiguous_rule",
            f"{_title(spec)} has {len(fitting or named)} rules that match: {_all(fitting or named)}. "
            "Set route.rule to the name of one; give the rules different names if they have none.",
        )
    if fitting:
        return fitting[0]
    if spec.rule or len(named) == 1:
        missing = _missing(names, named[0])
        raise TrafficError(
            "unknown_backend",
            f"route.backends names {_wanted(spec, missing)}, but {_title(spec)} has {named[0].describe()}. "
            f"Correct route.backends, or add {'it' if len(missing) == 1 else 'them'} to the rule with weight 0.",
        )
    raise TrafficError(
        "no_rule",
        f"No rule of {_title(spec)} has all of {_wanted(spec, names)}. It has {_all(rules)}. "
        "Correct route.backends, or add what is missing to the rule with weight 0.",
    )


def targets_of(spec: RouteSpec, rule: Rule) -> dict[str, Target]:
    """Logical name to target, in the option's order; refuses a rule that sends traffic anywhere else."""
    targets: dict[str, Target] = {}
    for backend in spec.backends:
        found = [target for target in rule.targets if backend.name in target.backends]
        if len(found) > 1:
            raise TrafficError(
                "ambiguous_backend",
                f"route.backends.{backend.name} means {len(found)} entries of {rule.label} in {_title(spec)}: "
                f"{', '.join(target.label for target in found)}. Add port (or subset) to tell them apart.",
            )
        targets[backend.name] = found[0]
    for target in rule.targets:
        if len(target.backends) > 1:
            raise TrafficError(
                "ambiguous_backend",
                f"route.backends {' and '.join(target.backends)} both mean {target.label} in {_title(spec)}. "
                "Each backend needs a target of its own.",
            )
        if not target.backends and target.weight > 0:
            raise TrafficError(
                "unnamed_backend",
                f"{rule.label} of {_title(spec)} has backend {target.label} (weight {target.weight}) that "
                "route.backends does not name. Name it there, or set its weight to 0.",
            )
    return targets


def shares_of(targets: Mapping[str, Target]) -> dict[str, int]:
    return {name: target.weight for name, target in targets.items()}


def weight_changes(targets: Mapping[str, Target], split: Split) -> tuple[Obj, ...]:
    """JSON Patch operations on weights alone; none where the shares are already those of the split."""
    if split.is_made_by(shares_of(targets)):
        return ()
    changes: list[Obj] = []
    for name, weight in split:
        target = targets[name]
        if not target.written or target.weight != weight:
            verb = "replace" if target.written else "add"
            changes.append({"op": verb, "path": f"{target.path}/weight", "value": weight})
    return tuple(changes)


def _missing(names: Sequence[str], rule: Rule) -> list[str]:
    return [name for name in names if not any(name in target.backends for target in rule.targets)]


def _wanted(spec: RouteSpec, names: Sequence[str]) -> str:
    return " and ".join(
        f"{backend.name} ({backend.service}"
        + (f", subset {backend.subset}" if backend.subset else "")
        + (f", port {backend.port}" if backend.port is not None else "")
        + ")"
        for backend in spec.backends
        if backend.name in names
    )


def _all(rules: Sequence[Rule]) -> str:
    return "; ".join(rule.describe() for rule in rules) or "no rules at all"


def _title(spec: RouteSpec) -> str:
    return f"{spec.kind} {spec.namespace}/{spec.name}"
