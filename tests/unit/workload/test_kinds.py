# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each kind of workload marks the pods of a template."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.workload.kinds import WORKLOADS, workload_of


def test_each_kind_marks_its_pods_in_its_own_way() -> None:
    labels = {"pod-template-hash": "a", "controller-revision-hash": "b"}
    revision = {"metadata": {"name": "shop-b", "labels": labels}}
    marks = {kind: workload.mark_of(revision) for kind, workload in WORKLOADS.items()}
    assert marks == {"Deployment": "a", "StatefulSet": "shop-b", "DaemonSet": "b"}
    assert [workload.revision_of(revision) for workload in WORKLOADS.values()] == ["a", "b", "b"]
    assert WORKLOADS["Deployment"].revision_of({"metadata": {}}) == ""


def test_an_object_says_what_it_is() -> None:
    assert workload_of({"kind": "DaemonSet"}).name == "DaemonSet"
    assert workload_of({}).name == "Deployment"
