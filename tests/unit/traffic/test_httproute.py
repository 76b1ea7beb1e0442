# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.errors import TrafficError
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.httproute import settling
from ansible_collections.slipway.rollout.plugins.module_utils.traffic.route import Backend

from tests.unit.traffic.builders import PATHS, http_route, ref, route, split
from tests.unit.traffic.fake_api import FakeApi

KINDS = ["httproute", "grpcroute"]


def put(kind: str, *refs: dict[str, Any]) -> FakeApi:
    api = FakeApi()
    api.put(PATHS[kind], http_route({"name": "primary", "backendRefs": list(refs)}))
    return api


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("weights", "shares", "percent"),
    [
        ((90, 10), (90, 10), (90, 10)),
        ((9, 1), (9, 1), (90, 10)),
        ((None, None), (1, 1), (50, 50)),
        ((None, 0), (1, 0), (100, 0)),
        ((1, 2), (1, 2), (33, 67)),
        ((0, 0), (0, 0), (0, 0)),
    ],
)
def test_weights_are_proportions_and_absent_is_one(
    kind: str, weights: tuple[int | None, int | None], shares: tuple[int, int], percent: tuple[int, int]
) -> None:
    state = route(put(kind, ref("shop-main", weights[0]), ref("shop-canary", weights[1])), kind).read()
    assert tuple(state.shares.values()) == shares
    assert state.split == split(*percent)


@pytest.mark.parametrize(
    ("weights", "asked", "changes"),
    [
        ((9, 1), (90, 10), []),
        ((1, 2), (33, 67), [("replace", 0, 33), ("replace", 1, 67)]),
        ((None, None), (99, 1), [("add", 0, 99), ("add", 1, 1)]),
        ((None, None), (100, 0), [("add", 0, 100), ("add", 1, 0)]),
        ((None, 0), (100, 0), []),
    ],
)
def test_weights_are_written_where_they_differ_or_are_not_there(
    weights: tuple[int | None, int | None], asked: tuple[int, int], changes: list[tuple[str, int, int]]
) -> None:
    there = route(put("httproute", ref("shop-main", weights[0]), ref("shop-canary", weights[1])), "httproute")
    steps = there.plan(there.read(), split(*asked))
    patch = [change for step in steps for change in step.patch[1:]]
    wanted = [{"op": op, "path": f"/spec/rules/0/backendRefs/{i}/weight", "value": value} for op, i, value in changes]
    assert patch == wanted


@pytest.mark.parametrize(
    "stranger",
    [
        ref("shop-main", 5, namespace="other"),
        ref("shop-main", 5, kind="ServiceImport", group="multicluster.x-k8s.io"),
        ref("shop-main", 5, port=81),
    ],
)
def test_only_services_of_this_namespace_and_port_are_meant(stranger: dict[str, Any]) -> None:
    api = put("httproute", ref("shop-main", 90), ref("shop-canary", 5), stranger)
    backends = (Backend("stable", service="shop-main", port=80), Backend("canary", service="shop-canary"))
    with pytest.raises(TrafficError) as caught:
        route(api, "httproute", backends=backends).read()
    assert caught.value.error == "unnamed_backend"


def test_labels_say_what_a_stranger_is() -> None:
    stranger = {"name": "pool", "kind": "InferencePool", "group": "x", "namespace": "other"}
    with pytest.raises(TrafficError, match="has backend InferencePool other/pool"):
        route(put("httproute", ref("shop-main"), ref("shop-canary"), stranger), "httproute").read()


def condition(name: str, status: str = "True", generation: int = 3, **more: Any) -> dict[str, Any]:
    return {"type": name, "status": status, "observedGeneration": generation, **more}


def parent(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"parentRef": {"name": "gateway"}, "conditions": list(conditions)}


GOOD = (condition("Accepted"), condition("ResolvedRefs"))


@pytest.mark.parametrize(
    ("parents", "state", "said"),
    [
        ([], "waiting", "no gateway controller has reported"),
        ([parent(*GOOD)], "settled", ""),
        ([parent(*GOOD), parent(GOOD[0])], "waiting", "has not yet reported ResolvedRefs"),
        ([parent(GOOD[0], condition("ResolvedRefs", generation=2))], "waiting", "for this generation"),
        (
            [parent(condition("Accepted", "False", reason="NoMatchingParent", message="no listener"), GOOD[1])],
            "refused",
            "gateway 'gateway' reports Accepted=False (NoMatchingParent: no listener)",
        ),
        ([{}], "waiting", "gateway '?' has not yet reported Accepted"),
    ],
)
def test_status_of_parents(parents: list[dict[str, Any]], state: str, said: str) -> None:
    settled = settling({"metadata": {"generation": 3}, "status": {"parents": parents}})
    assert settled.state == state
    assert said in settled.reason


def test_observe_looks_at_the_object() -> None:
    assert route(put("grpcroute", ref("shop-main"), ref("shop-canary")), "grpcroute").observe().state == "waiting"
