# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an environment allows, and what somebody wants to do there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Least:
    """Below this nothing is released, whatever the inventory says. `duration`: seconds that a gate may take."""

    duration: float = 0.0
    stages: int = 0
    checks: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """An empty list of users and groups leaves it to the cluster's own permissions who may."""

    strategies: tuple[str, ...]
    replicas: int = 0
    after: str = ""
    only_promoted: bool = False
    by_digest: bool = False
    approvals: int = 0
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    freeze: tuple[Mapping[str, Any], ...] = ()
    stages: tuple[int, ...] = ()
    gate: Mapping[str, Any] = field(default_factory=dict)
    timeouts: Mapping[str, Any] = field(default_factory=dict)
    at_least: Least = field(default_factory=Least)

    @classmethod
    def parse(cls, options: Mapping[str, Any]) -> Policy:
        least = {key: value for key, value in (options.get("at_least") or {}).items() if value is not None}
        return cls(
            strategies=tuple(options["strategies"]),
            replicas=options.get("replicas") or 0,
            after=options.get("after") or "",
            only_promoted=bool(options.get("only_promoted")),
            by_digest=bool(options.get("by_digest")),
            approvals=options.get("approvals") or 0,
            users=tuple(options.get("users") or ()),
            groups=tuple(options.get("groups") or ()),
            freeze=tuple(options.get("freeze") or ()),
            stages=tuple(options.get("stages") or ()),
            gate=options.get("gate") or {},
            timeouts=options.get("timeouts") or {},
            at_least=Least(**least),
        )


@dataclass(frozen=True, slots=True)
class Request:
    """One release into one environment, with what the inventory and the command line say about it."""

    environment: str
    strategy: str
    image: str = ""
    stages: Sequence[int] = ()
    gate: Mapping[str, Any] = field(default_factory=dict)
    timeouts: Mapping[str, Any] = field(default_factory=dict)
    checks: int = 0
    run_by: str = ""
    approved_by: Sequence[str] = ()
    freeze_override: str = ""
    promoted_from: str = ""
    skip_reason: str = ""

    @classmethod
    def parse(cls, options: Mapping[str, Any]) -> Request:
        return cls(
            environment=options["environment"],
            strategy=options["strategy"],
            image=options["image"],
            stages=tuple(options["stages"]),
            gate=options["gate"],
            timeouts=options["timeouts"],
            checks=len(options["checks"]),
            run_by=options["run_by"],
            approved_by=tuple(name for name in options["approved_by"] if name.strip()),
            freeze_override=options["freeze_override"].strip(),
            promoted_from=options["promoted_from"],
            skip_reason=options["skip_reason"].strip(),
        )
