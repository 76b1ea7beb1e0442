# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What keeps a blue-green release from starting, and what is worth knowing before it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..cluster import Obj
from ..labels import join_labels, selects, template_labels
from ..preflight.problem import Problem
from ..preflight.scaling import autoscaler_of
from ..preflight.wish import Wish
from ..preflight.workloads import leaving_notes, workload_problems
from .look import SlotView
from .template import Difference, lone_labels

REFUSE, COPY, ACCEPT = "refuse", "copy", "accept"
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Policy:
    """`differences`: refuse, copy or accept. `keep`: pods that the former slot keeps. `hpa_follows`: it is moved."""

    differences: str = REFUSE
    may_differ: tuple[str, ...] = ()
    keep: int = 1
    hpa_follows: bool = True
    preview: str = ""


def slot_problems(wish: Wish, seen: SlotView, policy: Policy, found: Iterable[Difference]) -> Iterator[Problem]:
    """For a view without problems of its own."""
    for problem in workload_problems(wish, seen.view, unfinished=True):
        yield _renamed(problem, seen)
    yield from _selection(seen)
    if policy.differences == REFUSE:
        yield from _template(seen, list(found))
    if policy.keep < 0:
        yield Problem("keep_replicas", f"{policy.keep}", "a number of pods, 0 or more")
    if seen.serving is not None and not seen.serving.ready:
        why = f" ({seen.serving.why})" if seen.serving.why else ""
        told = f"slot {seen.slot_live} is live and has no ready pod{why}"
        yield Problem(f"switch.slots.{seen.slot_live}", told, "a live slot to go back to", "make it healthy first")


def _renamed(problem: Problem, seen: SlotView) -> Problem:
    """In the words of slots."""
    slots = {"stable": seen.slot_live, "canary": seen.slot_idle}
    found = problem.found
    for arm, slot in slots.items():
        found = found.replace(f"({arm})", f"({slot})")
    field = f"switch.slots.{slots[problem.field]}" if problem.field in slots else problem.field
    remedy = problem.remedy.replace("the canary Deployment", "the idle Deployment")
    return replace(problem, field=field, found=found, remedy=remedy)


def _selection(seen: SlotView) -> Iterator[Problem]:
    """Each slot's selector must fit its own Deployment's pods and no other's, or users see the idle slot at once."""
    for slot, (_namespace, selector) in seen.selectors.items():
        for owner in seen.switch.names:
            deployment = seen.deployment(owner)
            if deployment is None:
                continue
            labels = template_labels(deployment)
            fits = bool(selector) and selects({"matchLabels": dict(selector)}, labels)
            if fits == (owner == slot):
                continue
            name, where = deployment["metadata"]["name"], f"switch.slots.{slot}"
            told = f"with slot {slot} live {join_labels(selector) or 'nothing'} is selected"
            if owner == slot:
                told += f", which the pods of Deployment {name} ({join_labels(labels)}) are not"
                yield Problem(where, told, f"what selects the pods of {name}", "correct the slot's value or its labels")
            else:
                told += f", which the pods of Deployment {name} (slot {owner}) are too"
                yield Problem(where, told, "a label that tells the slots apart", "correct switch.label or the selector")


def _template(seen: SlotView, found: list[Difference]) -> Iterator[Problem]:
    if not found:
        return
    live, idle = seen.slot_live, seen.slot_idle
    told = "; ".join(one.describe(live, idle) for one in found[:_SHOWN])
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    remedy = (
        "give it the same; or let the rollout copy what differs (slot_differences: copy), name what may differ "
        "(slot_may_differ), or take it as it is (slot_differences: accept)"
    )
    name = seen.deployment_name(idle)
    what = f"Deployment {name} would not run the release as {live} runs: {told}{more}"
    expected = f"the template of {seen.deployment_name(live)} but for image and labels"
    yield Problem(f"switch.slots.{idle}", what, expected, remedy)


def slot_notes(wish: Wish, seen: SlotView, policy: Policy, found: list[Difference]) -> Iterator[str]:
    """For a view without problems of its own."""
    live, idle = seen.view.stable, seen.view.canary
    if live is None or idle is None:
        return
    if found and policy.differences != REFUSE:
        verb = "is made like" if policy.differences == COPY else "stays other than"
        paths = ", ".join(one.path for one in found[:_SHOWN])
        yield f"The template of {seen.slot_idle} {verb} that of {seen.slot_live} in {paths}."
    for slot, labels in zip((seen.slot_live, seen.slot_idle), lone_labels(live, idle), strict=True):
        if labels:
            yield f"Only the pods of {slot} have {_a('label', labels)}."
    yield from _shared(seen, live, idle)
    yield from _budgets(seen, live, idle)
    yield from _autoscalers(wish, seen, policy)
    yield from leaving_notes(seen.slot_idle, idle)


def _shared(seen: SlotView, live: Obj, idle: Obj) -> Iterator[str]:
    """Services that reach the idle slot as soon as it has pods."""
    own = {seen.switch.route.name, *(one.service for one in seen.switch.route.backends)}
    for service in seen.services:
        selector, name = service["spec"].get("selector") or {}, service["metadata"]["name"]
        if name in own or not selector:
            continue
        if all(selects({"matchLabels": selector}, template_labels(one)) for one in (live, idle)):
            yield f"Service {name} selects both slots: whoever uses it is on {seen.slot_idle} as soon as it has pods."


def _budgets(seen: SlotView, live: Obj, idle: Obj) -> Iterator[str]:
    for budget in seen.view.budgets:
        selector = budget["spec"].get("selector")
        mine, theirs = (selects(selector, template_labels(one)) for one in (live, idle))
        if mine and not theirs:
            name = budget["metadata"]["name"]
            yield (
                f"PodDisruptionBudget {name} protects {seen.slot_live} only, and nothing protects {seen.slot_idle} "
                "once it is live. Give it a selector that both slots fit."
            )


def _autoscalers(wish: Wish, seen: SlotView, policy: Policy) -> Iterator[str]:
    mine, theirs = autoscaler_of(seen.view, wish.stable), autoscaler_of(seen.view, wish.canary)
    if theirs is not None and policy.keep < theirs.floor:
        yield f"HPA {theirs.name} gives {seen.slot_idle} at least {theirs.floor} pods."
    if mine is None:
        return
    if theirs is not None:
        yield f"HPA {mine.name} stays with {seen.slot_live}, since {theirs.name} scales {seen.slot_idle}."
    elif policy.hpa_follows:
        yield f"HPA {mine.name} follows: after the gate it scales {wish.canary}."
    else:
        yield (
            f"HPA {mine.name} goes on scaling {wish.stable}, which it keeps at {mine.floor} pods or more, and nothing "
            f"scales {wish.canary} (slot_hpa_follows is false)."
        )


def _a(noun: str, names: list[str]) -> str:
    return f"the {noun}{'' if len(names) == 1 else 's'} {', '.join(names)}"
