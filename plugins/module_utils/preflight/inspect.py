# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole preflight: read everything, refuse all that can be refused at once, and say what would happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..cluster import Cluster, ClusterError, Forbidden
from .facts import facts_of, image_of, is_unfinished
from .images import HttpFactory, other_repository, pin
from .permissions import Permission, ask, needed, permission_problems, told
from .plan import plan_lines
from .problem import Problem
from .routing import routing_problems
from .scaling import scaling_notes, scaling_problems
from .view import View, read
from .wish import parse_wish
from .workloads import leaving_notes, workload_problems

NO_OPTIONS = ("permissions",)  # problems that are about no option
Metrics = Callable[[View], tuple[list[Problem], list[str]]]


@dataclass(frozen=True, slots=True)
class Preflight:
    """`facts` is complete only without problems."""

    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def text(self, prefix: str = "") -> str:
        """For people: what is live, all problems, a line each, and what to do."""
        count = len(self.problems)
        stable = self.facts.get("stable")
        live = (
            f"{stable['title']} on {self.facts['namespace']}/{stable['name']}"
            if stable and stable["title"]
            else "what was live before"
        )
        texts = [_text(problem, prefix) for problem in self.problems]
        lines = texts if count == 1 else [f"{count} problems:", *(f"- {text}" for text in texts)]
        return "\n".join(
            (
                f"Live: {live}; nothing was changed.",
                f"Why: {lines[0]}",
                *lines[1:],
                "Next: correct this and run the same command again.",
            )
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "problems": [problem.as_dict() for problem in self.problems],
            "notes": list(self.notes),
            "permissions": told(self.permissions),
            **({} if self.problems else self.facts),
        }


def inspect(
    cluster: Cluster, params: Mapping[str, Any], connect: HttpFactory, *, proxy: bool, metrics: Metrics | None = None
) -> Preflight:
    """Read only. Raises ClusterError only when the API server cannot be asked at all."""
    wish, problems = parse_wish(params)
    permissions = ask(cluster, needed(wish, proxy=proxy, autoscaled=True, gate=params.get("gate") or {}))
    problems += permission_problems(permissions)
    view = read(cluster, wish)
    problems += view.problems
    pinned = pin(cluster, wish, view.stable, connect)
    problems += pinned.problems
    problems += workload_problems(wish, view, unfinished=is_unfinished(wish, view, pinned.image))
    problems += routing_problems(wish, view)
    problems += scaling_problems(wish, view)
    notes = [*pinned.notes, *scaling_notes(wish, view)]
    if metrics is not None and view.stable is not None:
        found, more = metrics(view)
        problems += found
        notes += more
    if view.stable is not None:
        notes += leaving_notes(wish.stable, view.stable)
        if note := other_repository(pinned.image, image_of(wish, view.stable)):
            notes.append(note)
    facts = facts_of(wish, view, params, pinned.image)
    if facts and not problems:
        facts["plan"] = plan_lines(wish, facts)
    return Preflight(tuple(problems), tuple(notes), tuple(permissions), facts)


def _text(problem: Problem, prefix: str) -> str:
    return problem.text("" if problem.field in NO_OPTIONS else prefix)


def cluster_problem(error: ClusterError) -> Problem:
    """The API server cannot be asked at all."""
    if isinstance(error, Forbidden):
        remedy = "check the token or certificate in kubeconfig, and which context is meant"
        return Problem("cluster", f"the API server does not know these credentials: {error}", "", remedy)
    return Problem("cluster", str(error))
