# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A route of each kind on its way from 100 % stable to 90 %, and what others do to it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.apply import SplitChange, apply_split
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.split import Split

from tests.unit.traffic.builders import APPS, PATHS, put_route, route, split
from tests.unit.traffic.fake_api import FakeApi, FakeClock

WEIGHTED = ["virtualservice", "httproute", "grpcroute", "openshiftroute"]
KINDS = [*WEIGHTED, "replicas"]
# Pods that make 90 % and 10 %, so that one set of figures serves every kind.
OPTIONS: dict[str, dict[str, Any]] = {"replicas": {"capacity": 10, "keep": (("stable", 9),)}}
BEFORE, ASKED = split(100, 0), split(90, 10)


def start(kind: str, **faults: Any) -> FakeApi:
    api = FakeApi(**faults)
    put_route(api, kind, 100 if kind in WEIGHTED else 9, 0)
    return api


def move(
    api: FakeApi,
    kind: str,
    asked: Split = ASKED,
    *,
    check_mode: bool = False,
    seconds: float = 5.0,
    clock: FakeClock | None = None,
    insist: bool = False,
) -> SplitChange:
    clock = clock or FakeClock()
    options = OPTIONS.get(kind, {})
    there = route(api, kind, **options)
    deadline = clock.monotonic() + seconds
    return apply_split(there, asked, check_mode=check_mode, clock=clock, deadline=deadline, insist=insist)


def fails(api: FakeApi, kind: str, **options: Any) -> TrafficError:
    with pytest.raises(TrafficError) as caught:
        move(api, kind, **options)
    return caught.value


def now_at(api: FakeApi, kind: str) -> Split:
    api.read_faults.clear()
    return route(api, kind).read().split


def other_field(kind: str) -> Callable[[FakeApi], None]:
    """Somebody else changes something that is not the split."""
    path = f"{APPS}/shop-canary" if kind == "replicas" else PATHS[kind]
    return lambda api: api.change(path, lambda obj: obj["metadata"].update(annotations={"v": str(api.version)}))


def other_split(kind: str, stable: int, canary: int) -> Callable[[FakeApi], None]:
    def edit(obj: dict[str, Any]) -> None:
        if kind == "replicas":
            obj["spec"]["replicas"] = canary
        elif kind == "virtualservice":
            obj["spec"]["http"][1]["route"][0]["weight"] = stable
            obj["spec"]["http"][1]["route"][1]["weight"] = canary
        elif kind == "openshiftroute":
            obj["spec"]["to"]["weight"] = stable
            obj["spec"]["alternateBackends"][0]["weight"] = canary
        else:
            obj["spec"]["rules"][1]["backendRefs"][0]["weight"] = stable
            obj["spec"]["rules"][1]["backendRefs"][1]["weight"] = canary

    path = f"{APPS}/shop-canary" if kind == "replicas" else PATHS[kind]
    return lambda api: api.change(path, edit)
