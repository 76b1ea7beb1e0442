# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which permissions a configuration needs."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.configuration.access import to_apply, to_clear

from tests.unit.configuration.builders import NAMESPACE, wish


def described(**changes: object) -> set[str]:
    return {one.describe() for one in to_apply(wish(**changes))}


def test_secrets_are_asked_for_only_where_there_are_any() -> None:
    maps = {f"{verb} configmaps" for verb in ("create", "get", "patch")}
    assert described(names=[]) == maps | {"get deployments"}
    assert described() == maps | {f"{verb} secrets" for verb in ("create", "get", "patch")} | {"get deployments"}


def test_each_kind_that_gets_it_is_asked_for_once() -> None:
    pods = [{"kind": "StatefulSet", "name": name} for name in ("a", "b")]
    asked = [one.describe() for one in to_apply(wish(workloads=pods))]
    assert asked.count("get statefulsets") == 1
    assert "get deployments" not in asked


def test_to_clear_everything_that_may_use_one_is_looked_at() -> None:
    asked = to_clear(NAMESPACE)
    assert {one.namespace for one in asked} == {NAMESPACE}
    assert {"delete secrets", "list configmaps", "list controllerrevisions", "list pods"} <= {
        one.describe() for one in asked
    }
