# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A route of one kind in the lab, and what the suite does with it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.arguments import parse_route
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.kinds import KINDS, open_route
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.route import Route
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split

from tests.integration.conftest import Lab
from tests.integration.module import run_module
from tests.integration.shop import Shop

Obj = dict[str, Any]
# Pods come one by one, so that this is one write for every kind: 1 and 0 pods become 1 and 1.
PODS = {"capacity": 1, "keep": {"stable": 1}}
ALL_STABLE, HALF = {"stable": 100, "canary": 0}, {"stable": 50, "canary": 50}


@dataclass(frozen=True)
class Place:
    """A route of one kind in the lab, at 100 % stable."""

    lab: Lab
    shop: Shop
    kind: str

    @property
    def pods(self) -> bool:
        return self.kind == "replicas"

    @property
    def rules(self) -> bool:
        """Whether the object has rules of other people beside ours."""
        return self.kind not in ("openshiftroute", "replicas")

    def options(self, **changes: Any) -> Obj:
        return self.shop.route(self.kind, **{**(PODS if self.pods else {}), **changes})

    def run(self, split: Obj | None, *, check_mode: bool = False, route: Obj | None = None, **options: Any) -> Obj:
        params = {"kubeconfig": str(self.lab.kubeconfig), "route": route or self.options(), **options}
        return run_module("canary_weight", {**params, **({"split": split} if split else {})}, check_mode=check_mode)

    def holds(self) -> Obj:
        return Split.of_shares(self.shop.shares(self.kind)).as_dict()

    def objects(self) -> list[Obj]:
        return [self.shop.get(self.kind, arm) for arm in (("main", "canary") if self.pods else ("",))]

    def generations(self) -> list[int]:
        """They count changes of spec; controllers write status at any time."""
        return [obj["metadata"]["generation"] for obj in self.objects()]

    def route(self) -> Route:
        return open_route(self.lab.cluster(), parse_route({"route": self.options()}))


weighted_only = pytest.mark.parametrize("place", sorted(set(KINDS) - {"replicas"}), indirect=True)
with_rules = pytest.mark.parametrize("place", sorted(set(KINDS) - {"openshiftroute", "replicas"}), indirect=True)


def refused(place: Place, result: Obj, error: str, said: str) -> None:
    assert (result["failed"], result["error"]) == (True, error), result
    assert said in result["msg"]
    assert place.holds() == ALL_STABLE


def annotate(obj: Obj) -> None:
    obj["metadata"].setdefault("annotations", {})["example.org/at"] = str(time.time())
