# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible_collections.slipway.rollout.plugins.module_utils.traffic.writers import (
    Writer,
    describe_all,
    since,
    writers_of,
)

NOW = datetime(2026, 11, 24, 22, 0, 0, tzinfo=timezone.utc).timestamp()


def entry(manager: str, time: str, **more: Any) -> dict[str, Any]:
    return {"manager": manager, "operation": "Update", "time": time, "fieldsV1": {"f:spec": {}}, **more}


def obj(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"managedFields": list(entries)}}


def test_latest_first_and_no_status_writers() -> None:
    writers = writers_of(
        [
            obj(
                entry("helm", "2026-11-20T10:00:00Z"),
                entry("istiod", "2026-11-24T21:59:59Z", subresource="status"),
                entry("kubectl-edit", "2026-11-24T21:59:57Z"),
            ),
            obj(),
            {"metadata": {}},
        ]
    )
    assert [writer.manager for writer in writers] == ["kubectl-edit", "helm"]
    assert describe_all(writers, NOW) == "kubectl-edit 3 s ago, helm at 2026-11-20T10:00:00Z"


def test_a_subresource_is_named() -> None:
    (writer,) = writers_of([obj(entry("kube-controller-manager", "2026-11-24T21:59:00Z", subresource="scale"))])
    assert writer.describe(NOW) == "kube-controller-manager (scale) 60 s ago"
    assert writer.as_dict() == {
        "manager": "kube-controller-manager",
        "operation": "Update",
        "time": "2026-11-24T21:59:00Z",
        "subresource": "scale",
    }


def test_since_names_those_who_are_new_and_else_the_latest() -> None:
    before = writers_of([obj(entry("helm", "2026-11-20T10:00:00Z"))])
    after = writers_of([obj(entry("helm", "2026-11-20T10:00:00Z"), entry("kubectl", "2026-11-24T21:00:00Z"))])
    assert [writer.manager for writer in since(before, after)] == ["kubectl"]
    assert [writer.manager for writer in since(after, after)] == ["kubectl"]
    assert since(before, ()) == ()


def test_who_only_lost_fields_to_somebody_else_is_not_named() -> None:
    before = writers_of([obj(entry("helm", "2026-11-20T10:00:00Z"))])
    helm = entry("helm", "2026-11-20T10:00:00Z", fieldsV1={})
    after = writers_of([obj(helm, entry("kubectl", "2026-11-20T10:00:00Z"))])
    assert [writer.manager for writer in since(before, after)] == ["kubectl"]


def test_odd_entries_do_not_hurt() -> None:
    assert Writer("a", "", "", "yesterday").describe(NOW) == "a"
    assert describe_all((), NOW) == "an unnamed writer"
    assert writers_of([obj({"manager": None})])[0].manager == ""
