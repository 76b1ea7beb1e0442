# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks: are they written right, does their source answer, and do they find anything for stable?

The canary has no pods yet, so each question is asked once with stable in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..clock import Clock
from ..cluster import Cluster, ClusterError, Forbidden
from ..gate.assemble import open_gate
from ..gate.judge_options import KEYS as JUDGE_KEYS
from ..gate.options import GATE_OPTIONS, GATE_SPEC
from ..gate.plan import plan
from ..gate.report import silent
from ..gate.sources.source import SourceError
from ..gate.stop import Stop
from ..gate.suggest import OptionError, nearest
from ..labels import join_labels, match_labels
from ..traffic.errors import TrafficError
from .problem import Problem
from .view import View

_FIELD = re.compile(r"((?:checks|source|subject)\S*|" + "|".join(GATE_OPTIONS) + r")[:,]? (.*)", re.DOTALL)

Found = tuple[list[Problem], list[str]]


def ask_for_stable(cluster: Cluster, params: Mapping[str, Any], view: View, clock: Clock) -> Found:
    """Problems and notes. `params`: the module's, with `source`, `checks`, `subject` and `gate`."""
    wanted, problems = gate_options(params["gate"])
    if problems:
        return problems, []
    selectors = _selectors(params, view)
    try:
        # First as they will be, which shows mistakes; then with stable in the canary's place, which shows series.
        open_gate(_gate(params, wanted, params["checks"], selectors), lambda: cluster, clock, silent, Stop())
        if not view.selectors and not params.get("subject"):
            return [], []  # which pods are asked follows from the route, and what is wrong with that is told already
        stable = {"canary": selectors["stable"]} if "stable" in selectors else {}
        alone = wanted | {"judge": "threshold", "canary_config": None}
        gate = open_gate(
            _gate(params, alone, about_stable(params["checks"]), stable), lambda: cluster, clock, silent, Stop()
        )
        shown: Sequence[Mapping[str, Any]] = plan(gate)["checks"]
    except (OptionError, TrafficError) as error:
        return [about_option(str(error))], []
    except SourceError as error:
        return [Problem("source", str(error))], []
    except Forbidden:
        return [], []  # told once, with all other permissions
    except ClusterError as error:
        return [Problem("source", str(error))], []
    return judge_found(params["checks"], shown)


def gate_options(given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """What an inventory says about gates, with the defaults of what it does not say."""
    known = [*GATE_OPTIONS, *(alias for name in GATE_OPTIONS for alias in GATE_SPEC[name].get("aliases", ()))]
    unknown = [str(name) for name in given if name not in known]
    if unknown:
        return {}, [Problem(f"gate.{name}", f"there is no such option.{nearest(name, known)}") for name in unknown]
    result = ArgumentSpecValidator({name: GATE_SPEC[name] for name in GATE_OPTIONS}).validate(given)
    return dict(result.validated_parameters), [Problem("gate", message) for message in result.error_messages]


def _selectors(params: Mapping[str, Any], view: View) -> dict[str, str]:
    """Pods by arm. With a wrong route those of the Deployments, so that only the route is blamed for it."""
    if params.get("subject"):
        return dict(params["subject"])
    there = {"stable": view.stable, "canary": view.canary}
    own = {arm: join_labels(match_labels(obj)) for arm, obj in there.items() if obj is not None}
    return own | {name: join_labels(labels) for name, (_namespace, labels) in view.selectors.items()}


def _gate(params: Mapping[str, Any], wanted: Mapping[str, Any], checks: object, subject: object) -> dict[str, Any]:
    """All of metric_gate's options, for a gate that moves nothing."""
    given = {name: params[name] for name in ("namespace", "source", "route")}
    defaults = {name: spec.get("default") for name, spec in GATE_SPEC.items()}
    return {**defaults, **wanted, **given, "checks": checks, "subject": subject, "observe": False}


def about_stable(checks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same checks where `canary` is the only arm there is, and nobody compares it: to see what they count."""
    found = []
    for check in checks:
        other = str(check.get("baseline", "stable"))
        plain = {
            key: value.replace("$stable", "$canary").replace("$arm", other) if isinstance(value, str) else value
            for key, value in check.items()
            if key not in JUDGE_KEYS and not (key == "arm" and value == "stable")
        }
        if plain.get("min") is None and plain.get("max") is None:
            plain |= {"min": 0.0} if plain.get("good") else {"max": 1.0}
        found.append(plain)
    return found


def about_option(message: str) -> Problem:
    found = _FIELD.fullmatch(message)
    return Problem(found[1].rstrip(":,"), found[2]) if found else Problem("checks", message)


def judge_found(checks: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, Any]]) -> Found:
    problems, notes = [], []
    for number, (check, found) in enumerate(zip(checks, shown, strict=True)):
        if found["typo"]:  # it would count no failure, ever, and let everything pass
            problems.append(Problem(f"checks[{number}]", found["typo"], "", "correct the label"))
        elif found["series"] == 0:
            queries = "; ".join(found["queries"])
            told = f"nothing was found for stable by {queries}" + (f" ({found['note']})" if found["note"] else "")
            if check.get("template"):
                remedy = "correct metrics, labels or subject; does the app expose these metrics, are they scraped?"
                problems.append(Problem(f"checks[{number}]", told, "", remedy))
            else:  # a selector of one's own may mean the canary, which is not there yet
                notes.append(f"Check {found['name']}: {told}. That is right if it asks for the canary only.")
        elif found.get("counted") == 0:
            notes.append(f"Check {found['name']}: no requests have been counted for stable. A gate cannot judge none.")
    return problems, notes
