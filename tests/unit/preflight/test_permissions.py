# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which permissions are asked for, and how missing ones are told."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.preflight.permissions import ask, needed
from ansible_collections.slipway.rollout.plugins.module_utils.preflight.wish import parse_wish

from tests.unit.preflight.world import REPLICAS_ROUTE, ROUTE, World, params


def wanted(proxy: bool = True, autoscaled: bool = True, **changes: object) -> set[str]:
    return {one.describe() for one in needed(parse_wish(params(**changes))[0], proxy=proxy, autoscaled=autoscaled)}


def test_everything_that_a_rollout_does_is_asked_for() -> None:
    assert {"patch deployments", "watch pods", "get pods/log", "get pods/proxy", "patch virtualservices"} <= wanted()
    assert "patch httproutes" in wanted(route=ROUTE | {"kind": "httproute", "rule": None})
    assert "list endpointslices" in wanted(route=REPLICAS_ROUTE)
    assert "get pods/proxy" not in wanted(proxy=False)
    assert "patch horizontalpodautoscalers" not in wanted(autoscaled=False)
    assert "get services" not in wanted(route=ROUTE | {"kind": "magic"})


def test_the_api_server_decides() -> None:
    world = World()
    world.store.denied = {("get", "pods/log")}
    asked = ask(world.store.cluster(), needed(parse_wish(params())[0], proxy=True, autoscaled=True))
    assert [one.describe() for one in asked if not one.allowed] == ["get pods/log"]


def test_missing_ones_are_one_problem_with_the_commands_that_give_them() -> None:
    world = World()
    world.store.denied = {("patch", "deployments"), ("watch", "deployments"), ("get", "pods/proxy")}
    found = world.inspect()
    (problem,) = found.problems
    assert problem.text("slipway_") == (
        "slipway_permissions: these credentials may not patch/watch deployments, get pods/proxy in namespace "
        "production; expected all of them. Give their user these Roles and bind them: kubectl -n production create "
        "role slipway-deployments --verb=patch,watch --resource=deployments.apps; kubectl -n production create role "
        "slipway-pods-proxy --verb=get --resource=pods/proxy; and for each: kubectl -n production create rolebinding "
        "slipway-deployments --role=slipway-deployments --user=NAME (or --serviceaccount=NAMESPACE:NAME)."
    )
    assert found.as_dict()["permissions"]["denied"] == ["patch deployments", "watch deployments", "get pods/proxy"]


def test_a_gate_that_replaces_pods_may_delete_them() -> None:
    wish = parse_wish(params())[0]
    wanted = [one.describe() for one in needed(wish, proxy=True, autoscaled=True, gate={"on_bad_pod": "replace"})]
    assert "delete pods" in wanted
    assert "delete pods" not in [one.describe() for one in needed(wish, proxy=True, autoscaled=True)]
