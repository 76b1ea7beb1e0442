# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What somebody wants to roll out, and how: the options of the module, parsed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..registry.image import BadImage, Image
from ..registry.options import RegistryOptions
from ..traffic.arguments import parse_route
from ..traffic.errors import TrafficError
from ..traffic.route import RouteSpec
from .problem import Problem


@dataclass(frozen=True, slots=True)
class Wish:
    """The release that is wanted. `image` and `route` are None where the option is wrong: a problem already.

    `config` is the hash of its configuration, "" where none is asked for.
    """

    namespace: str
    image: Image | None
    container: str
    stable: str
    canary: str
    route: RouteSpec | None
    stages: tuple[int, ...]
    registry: RegistryOptions = field(default_factory=RegistryOptions)
    config: str = ""


def parse_wish(params: Mapping[str, Any]) -> tuple[Wish, list[Problem]]:
    """Everything that can be told from the options alone."""
    image, problems = parse_image(params["image"])
    route: RouteSpec | None = None
    try:
        route = parse_route(params)
        problems += _backends(route)
    except TrafficError as error:
        problems.append(Problem("route", str(error)))
    if params["stable"] == params["canary"]:
        problems.append(
            Problem("canary", f"'{params['canary']}' is stable too", "a Deployment of its own", "name the canary's")
        )
    stages, stage_problems = parse_stages(params["stages"], params.get("first_stage"))
    problems += stage_problems
    wish = Wish(
        namespace=params["namespace"],
        image=image,
        container=params.get("container") or "",
        stable=params["stable"],
        canary=params["canary"],
        route=route,
        stages=stages,
        registry=RegistryOptions.parse(params),
        config=params.get("config") or "",
    )
    return wish, problems


def parse_image(text: str | None) -> tuple[Image | None, list[Problem]]:
    """None where there is a problem instead."""
    if not text:
        return None, [Problem("image", "no image is given", "REGISTRY/REPOSITORY:TAG", "name the release to roll out")]
    try:
        return Image.parse(text), []
    except BadImage as error:
        return None, [Problem("image", str(error))]


def parse_stages(stages: Sequence[int], first: int | None) -> tuple[tuple[int, ...], list[Problem]]:
    """The canary's weights, one per stage. `first` replaces the first one, and all that are not above it."""
    problems = []
    if first is not None and not 1 <= first <= 100:
        problems.append(Problem("first_stage", f"{first}", "a percentage from 1 to 100, such as 5, 10, 25 or 50"))
    weights = tuple(stages) if first is None else (first, *(stage for stage in stages[1:] if stage > first))
    if not weights or any(not 1 <= weight <= 100 for weight in weights):
        problems.append(
            Problem("stages", f"{list(stages)}", "percentages from 1 to 100, such as [10, 25, 50, 75, 100]")
        )
    elif list(weights) != sorted(set(weights)):
        remedy = "a weight that goes down again is a rollback, which failing does by itself"
        problems.append(Problem("stages", f"{list(stages)}", "each stage above the one before", remedy))
    return weights, problems


def _backends(route: RouteSpec) -> list[Problem]:
    names = [backend.name for backend in route.backends]
    if sorted(names) == ["canary", "stable"]:
        return []
    return [Problem("route.backends", f"named {', '.join(names)}", "stable and canary", "name these two, and no other")]
