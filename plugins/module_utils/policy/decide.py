# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hold what is wanted against what the environment allows. All that is against it is told at once, with the way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..preflight.problem import Problem
from .freeze import BadFreeze, Freeze, shown
from .identity import Identity
from .policy import Policy, Request

# Options of the inventory that a problem may be about; all others are the policy's own.
OPTIONS = ("approved_by", "checks", "environment", "freeze", "gate", "image", "policy", "stages", "strategy")
_COUNTED_STAGES = ("canary",)
_SPANS = ("duration", "count")
_ALIASES = {"max_soak": "duration"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read. `replicas`: pods that each workload is to have; `identity` only where the policy asks for it."""

    now: float
    replicas: Mapping[str, int] = field(default_factory=dict)
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """`notes` are for the ledger; the settings are the policy's, with the inventory's over them."""

    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    stages: tuple[int, ...]
    gate: Mapping[str, Any]
    timeouts: Mapping[str, Any]

    def text(self, environment: str, prefix: str) -> str:
        told = [one.text(prefix if one.field in OPTIONS else "") for one in self.problems]
        lines = told if len(told) == 1 else [f"{len(told)} reasons:", *(f"- {one}" for one in told)]
        why = "\n".join((f"Why: {lines[0]}", *lines[1:]))
        return (
            f"Live: what was live before; nothing was changed.\n{why}\n"
            f"Next: correct this and run the same command again. What {environment} allows: the variable "
            f"{environment}_policy of its role, with {prefix}policy over it."
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "problems": [problem.as_dict() for problem in self.problems],
            "notes": list(self.notes),
            "stages": list(self.stages),
            "gate": dict(self.gate),
            "timeouts": dict(self.timeouts),
        }


def decide(policy: Policy, request: Request, facts: Facts) -> Decision:
    stages = tuple(request.stages) or policy.stages
    gate = _over(policy.gate, request.gate)
    frozen, overridden = _freezes(policy, request, facts.now)
    problems = (
        *_strategy(policy, request),
        *_way(policy, request),
        *frozen,
        *_people(policy, request, facts),
        *_image(policy, request),
        *_strictness(policy, request, stages, gate),
        *_replicas(policy, request, facts),
    )
    notes = (*overridden, *_notes(request))
    return Decision(problems, notes, stages, gate, {**policy.timeouts, **request.timeouts})


def _over(allowed: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The inventory's options of a gate over the policy's. How long it takes is said in one of several ways."""
    plain = [{_ALIASES.get(name, name): value for name, value in one.items()} for one in (allowed, wanted)]
    if any(name in plain[1] for name in _SPANS):
        plain[0] = {name: value for name, value in plain[0].items() if name not in _SPANS}
    return {**plain[0], **plain[1]}


def _strategy(policy: Policy, request: Request) -> Iterator[Problem]:
    if request.strategy not in policy.strategies:
        found = f"{request.environment} does not allow {request.strategy}"
        allowed = " or ".join(policy.strategies) or "none"
        playbook = f"playbooks/{policy.strategies[0]}.yml" if policy.strategies else ""
        yield Problem("strategy", found, allowed, f"run {playbook}" if playbook else "")


def _way(policy: Policy, request: Request) -> Iterator[Problem]:
    """From environment to environment, none left out."""
    if request.skip_reason:
        return
    remedy = (
        "promote it from {0}: playbooks/promote.yml -e slipway_from={0} -e slipway_to={1}; in an emergency say why: "
    )
    remedy = (remedy + "-e slipway_skip_reason='…', which the ledger keeps").format(policy.after, request.environment)
    if request.promoted_from and request.promoted_from != policy.after:
        found = f"from {request.promoted_from} to {request.environment} leaves out {policy.after or 'nothing'}"
        if not policy.after:
            found = f"{request.environment} is the first environment; nothing is promoted to it"
            remedy = f"run playbooks/{policy.strategies[0] if policy.strategies else 'canary'}.yml with an image"
        yield Problem("environment", found, "", remedy)
    elif policy.only_promoted and not request.promoted_from:
        yield Problem("environment", f"{request.environment} takes only what was proven in {policy.after}", "", remedy)


def _freezes(policy: Policy, request: Request, now: float) -> tuple[list[Problem], list[str]]:
    problems, notes = [], []
    for window in policy.freeze:
        try:
            freeze = Freeze.parse(window)
        except BadFreeze as error:
            problems.append(Problem("freeze", str(error)))
            continue
        until = freeze.until(now)
        if until is None:
            continue
        told = f"{request.environment} is frozen until {shown(until)}: {freeze.reason}"
        if request.freeze_override:
            notes.append(f"{told}; overridden by {request.run_by or 'somebody'}: {request.freeze_override}")
            continue
        remedy = "wait, or say why it cannot wait: -e slipway_freeze_override='…', which the ledger keeps"
        problems.append(Problem("freeze", told, "", remedy))
    return problems, notes


def _people(policy: Policy, request: Request, facts: Facts) -> Iterator[Problem]:
    if policy.users or policy.groups:
        one = facts.identity or Identity("")
        if one.user not in policy.users and not set(one.groups) & set(policy.groups):
            names = [*policy.users, *(f"members of {group}" for group in policy.groups)]
            found = f"the cluster knows you as '{one.user}', who may not release to {request.environment}"
            yield Problem("environment", found, " or ".join(names), "use the credentials of one who may")
    others = sorted(set(request.approved_by) - {request.run_by})
    if len(others) < policy.approvals:
        own = f" ({request.run_by}, who runs this, does not count)" if request.run_by in request.approved_by else ""
        found = f"{len(others)} of {policy.approvals} approvals{own}"
        yield Problem("approved_by", found, "", 'let others look at it: -e \'{"slipway_approved_by": ["NAME"]}\'')


def _image(policy: Policy, request: Request) -> Iterator[Problem]:
    if policy.by_digest and "@sha256:" not in request.image:
        found = f"'{request.image}' is a tag, which may be moved"
        yield Problem("image", found, "REPOSITORY@sha256:…", "name it by digest, or promote it")


def _strictness(
    policy: Policy, request: Request, stages: tuple[int, ...], gate: Mapping[str, Any]
) -> Iterator[Problem]:
    least, name = policy.at_least, request.environment
    seconds = _seconds(gate)
    if seconds is not None and seconds < least.duration:
        found = f"each gate may take {seconds:g} s"
        yield Problem("gate", found, f"at least {least.duration:g} s in {name}", "raise duration")
    if request.strategy in _COUNTED_STAGES and len(stages) < least.stages:
        yield Problem("stages", f"{list(stages)}", f"at least {least.stages} in {name}", "add some")
    if request.checks < least.checks:
        found = f"{request.checks} checks"
        yield Problem("checks", found, f"at least {least.checks} in {name}", "say what is well, such as an error rate")


def _seconds(gate: Mapping[str, Any]) -> float | None:
    try:
        if gate.get("duration") is not None:
            return float(gate["duration"])
        if gate.get("count") is not None and gate.get("interval") is not None:
            return float(gate["count"]) * float(gate["interval"])
    except (TypeError, ValueError):
        pass  # metric_gate says what is wrong with it
    return None


def _replicas(policy: Policy, request: Request, facts: Facts) -> Iterator[Problem]:
    """The one that serves is the largest; canaries and idle slots rest at less."""
    workload, pods = max(facts.replicas.items(), key=lambda item: item[1], default=("", policy.replicas))
    if pods < policy.replicas:
        expected = f"at least {policy.replicas} in {request.environment}"
        yield Problem("policy", f"{workload} has {pods} replicas", expected, "scale it, or lower replicas")


def _notes(request: Request) -> Iterator[str]:
    others = sorted(set(request.approved_by) - {request.run_by})
    if others:
        yield f"approved by {', '.join(others)}"
    if request.promoted_from:
        yield f"promoted from {request.promoted_from}"
    if request.skip_reason:
        yield f"environments skipped by {request.run_by or 'somebody'}: {request.skip_reason}"
