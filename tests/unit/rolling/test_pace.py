# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each kind of workload is told its pace, stopped, and what that means in numbers of pods."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.rolling.pace import (
    Pace,
    amount,
    describe,
    former_pace,
    host_ports,
    pace_fields,
    stop_fields,
    stop_words,
    surges,
)

from tests.unit.rolling.world import workload

HOST_PORT = {"ports": [{"containerPort": 8000, "hostPort": 80}]}


def test_a_deployment_gets_both_numbers() -> None:
    fields = pace_fields(workload(), Pace("25%", 1, 5))
    rolling = {"maxUnavailable": "25%", "maxSurge": 1}
    assert fields == {"strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}, "minReadySeconds": 5}


def test_a_stateful_set_gets_its_partition_and_keeps_the_rest() -> None:
    obj = workload("StatefulSet", spec={"updateStrategy": {"rollingUpdate": {"partition": 2, "maxUnavailable": 2}}})
    strategy = pace_fields(obj, Pace())["updateStrategy"]
    assert strategy == {"type": "RollingUpdate", "rollingUpdate": {"partition": 0, "maxUnavailable": 2}}


@pytest.mark.parametrize(
    ("container", "pace", "rolling"),
    [
        ({}, Pace(), {"maxUnavailable": 0, "maxSurge": "25%"}),
        ({}, Pace("25%", 0), {"maxUnavailable": "25%", "maxSurge": 0}),
        (HOST_PORT, Pace(), {"maxUnavailable": "25%", "maxSurge": 0}),
    ],
)
def test_a_daemon_set_gets_one_of_them(container: dict[str, Any], pace: Pace, rolling: dict[str, Any]) -> None:
    assert pace_fields(workload("DaemonSet", container=container), pace)["updateStrategy"]["rollingUpdate"] == rolling


def test_with_the_network_of_the_node_every_port_is_one_of_the_node() -> None:
    obj = workload("DaemonSet", container={"ports": [{"containerPort": 8000}]})
    assert host_ports(obj) == []
    obj["spec"]["template"]["spec"]["hostNetwork"] = True
    assert host_ports(obj) == [8000]
    assert not surges(obj, Pace())


def test_the_former_pace_is_what_is_there() -> None:
    assert former_pace(workload(spec={"minReadySeconds": 3})) == {
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
        "minReadySeconds": 3,
    }
    assert former_pace(workload(spec={"strategy": None})) == {
        "strategy": {"type": "RollingUpdate"},
        "minReadySeconds": 0,
    }


def test_the_former_partition_is_said_where_it_was_left_out() -> None:
    obj = workload("StatefulSet", spec={"updateStrategy": {"type": "RollingUpdate"}})
    assert former_pace(obj)["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}


def test_each_kind_is_stopped_in_its_own_way() -> None:
    assert stop_fields(workload()) == {"paused": True}
    ordinals = workload("StatefulSet", spec={"ordinals": {"start": 5}})
    assert stop_fields(ordinals)["updateStrategy"]["rollingUpdate"] == {"partition": 7}
    assert stop_fields(workload("DaemonSet"))["updateStrategy"] == {"type": "OnDelete", "rollingUpdate": None}
    assert [stop_words(workload(kind)) for kind in ("Deployment", "StatefulSet", "DaemonSet")] == [
        "Deployment shop is paused",
        "StatefulSet shop is stopped by its partition",
        "DaemonSet shop is stopped by OnDelete",
    ]


@pytest.mark.parametrize(
    ("value", "whole", "up", "number"),
    [("25%", 3, True, 1), ("25%", 3, False, 0), ("25%", 8, False, 2), (2, 3, True, 2), ("100%", 3, False, 3)],
)
def test_percentages_are_rounded_as_kubernetes_does(value: int | str, whole: int, up: bool, number: int) -> None:
    assert amount(value, whole, up=up) == number


@pytest.mark.parametrize(
    ("kind", "pace", "words"),
    [
        ("Deployment", Pace(), "at most 1 more and 0 fewer pods than 3"),
        ("Deployment", Pace(1, 0, 5), "at most 0 more and 1 fewer pods than 3, each ready for 5 s before it counts"),
        ("StatefulSet", Pace(), "one pod after the other, from the last to the first"),
        ("DaemonSet", Pace(), "on at most 1 of 3 nodes at once, the new pod before the old one"),
        ("DaemonSet", Pace(2, 0), "on at most 2 of 3 nodes at once, the old pod first"),
    ],
)
def test_in_words(kind: str, pace: Pace, words: str) -> None:
    assert describe(workload(kind), pace, 3) == words
